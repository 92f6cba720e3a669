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

Deno.test("a level is reduced once, from the image itself, and goes with the pyramid", async () => {
  const disposed: DeviceImage[] = [];
  const imageOf = (size: Size): DeviceImage => {
    const image: DeviceImage = {
      ...size,
      read: () => Promise.reject(new Error("nobody reads it")),
      [Symbol.dispose]: () => void disposed.push(image),
    };
    return image;
  };
  const image = imageOf({ width: 700, height: 500 });
  let reductions = 0;
  const backend = {
    reduce(given: DeviceImage, size: Size): Promise<DeviceImage> {
      assert.equal(given, image);
      reductions++;
      return Promise.resolve(imageOf(size));
    },
  } as unknown as Backend;
  const pyramid = new Pyramid(backend, image);
  assert.equal(pyramid.coarsest, 1);
  assert.equal(await pyramid.level(0), image);
  const [a, b] = await Promise.all([pyramid.level(1), pyramid.level(1)]);
  assert.equal(a, b);
  assert.deepEqual([a.width, a.height, reductions], [350, 250, 1]);
  pyramid[Symbol.dispose]();
  assert.ok(disposed.length === 1 && disposed[0] === a);
});
