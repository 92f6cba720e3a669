import assert from "node:assert/strict";
import type { Backend, DeviceImage } from "../runtime/backend.ts";
import type { Size } from "../tiling/tile_plan.ts";
import { levelSizes, Pyramid } from "./pyramid.ts";

function sizes(width: number, height: number): string {
  return levelSizes({ width, height })
    .map((size) => `${size.width}x${size.height}`).join(" ");
}

Deno.test("levels halve until the longest side is at most 640", () => {
  assert.equal(sizes(4000, 3000), "4000x3000 2000x1500 1000x750 500x375");
  assert.equal(sizes(641, 480), "641x480 321x240");
  assert.equal(sizes(640, 640), "640x640");
  assert.equal(sizes(1, 1), "1x1");
  assert.equal(sizes(1, 20000).split(" ").at(-1), "1x625");
});

/** A backend that can only reduce, the sizes that it made, and what was freed. */
function reducer(): {
  backend: Backend;
  imageOf: (size: Size) => DeviceImage;
  made: [from: DeviceImage, width: number][];
  disposed: DeviceImage[];
} {
  const disposed: DeviceImage[] = [];
  const made: [DeviceImage, number][] = [];
  const imageOf = (size: Size): DeviceImage => {
    const image: DeviceImage = {
      ...size,
      read: () => Promise.reject(new Error("nobody reads it")),
      [Symbol.dispose]: () => void disposed.push(image),
    };
    return image;
  };
  const backend = {
    reduce(given: DeviceImage, size: Size): Promise<DeviceImage> {
      made.push([given, size.width]);
      return Promise.resolve(imageOf(size));
    },
  } as unknown as Backend;
  return { backend, imageOf, made, disposed };
}

Deno.test("a level is reduced once, from the image itself, and goes with the pyramid", async () => {
  const { backend, imageOf, made, disposed } = reducer();
  const image = imageOf({ width: 700, height: 500 });
  const pyramid = new Pyramid(backend, image);
  assert.equal(pyramid.coarsest, 1);
  assert.equal(await pyramid.level(0), image);
  const [a, b] = await Promise.all([pyramid.level(1), pyramid.level(1)]);
  assert.equal(a, b);
  assert.deepEqual([a.width, a.height], [350, 250]);
  assert.deepEqual(made, [[image, 350]]);
  pyramid[Symbol.dispose]();
  assert.ok(disposed.length === 1 && disposed[0] === a);
});

Deno.test("a pyramid may begin with a coarser level, and keeps the numbers of the image's own", async () => {
  const { backend, imageOf, made, disposed } = reducer();
  const sizes = levelSizes({ width: 2001, height: 1000 });
  const half = imageOf(sizes[1]!);
  const pyramid = new Pyramid(backend, half, sizes, 1);
  assert.equal(pyramid.coarsest, 2);
  assert.equal(await pyramid.level(1), half);
  const { width, height } = await pyramid.level(2);
  assert.deepEqual([width, height], [501, 250]);
  assert.deepEqual(made, [[half, 501]]);
  pyramid[Symbol.dispose]();
  assert.ok(disposed.length === 1 && disposed[0] !== half);
});
