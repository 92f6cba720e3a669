import assert from "node:assert/strict";
import type { Backend } from "../runtime/backend.ts";
import { pack } from "../pixels/planes.ts";
import { reduceImage } from "../pixels/reduce.ts";
import type { Size } from "../tiling/tile_plan.ts";
import { photograph } from "../../tests/photographs.ts";
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

Deno.test("a level is reduced once, from the image itself", async () => {
  const image = await pack(photograph(700, 500));
  let reductions = 0;
  const backend = {
    reduce(given: typeof image, size: Size): Promise<typeof image> {
      assert.equal(given, image);
      reductions++;
      return Promise.resolve(reduceImage(given, size));
    },
  } as unknown as Backend;
  const pyramid = new Pyramid(backend, image);
  assert.equal(pyramid.coarsest, 1);
  assert.equal(await pyramid.level(0), image);
  const [a, b] = await Promise.all([pyramid.level(1), pyramid.level(1)]);
  assert.equal(a, b);
  assert.deepEqual([a.width, a.height, reductions], [350, 250, 1]);
});
