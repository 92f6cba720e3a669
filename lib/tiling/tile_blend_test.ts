import assert from "node:assert/strict";
import { offset, TileBlend } from "./tile_blend.ts";
import { TilePlan } from "./tile_plan.ts";

Deno.test("tiles that agree are put together as they were, whichever way the lines run", () => {
  for (
    const [width, height] of [[333, 150], [150, 333], [1, 200], [
      65,
      1,
    ]] as const
  ) {
    const plan = new TilePlan(width, height, { tile: 64, halo: 16 });
    const blend = new TileBlend(plan, 2);
    const value = (c: number, x: number, y: number): number =>
      Math.sin(x * 3 + y * 7 + c);
    const found = [
      new Float32Array(width * height),
      new Float32Array(width * height),
    ];
    for (const line of plan.lines()) {
      blend.begin(line);
      for (const tile of line.tiles) {
        const values = new Float32Array(2 * tile.width * tile.height);
        for (let c = 0; c < 2; c++) {
          for (let y = 0; y < tile.height; y++) {
            for (let x = 0; x < tile.width; x++) {
              values[(c * tile.height + y) * tile.width + x] = value(
                c,
                tile.x + x,
                tile.y + y,
              );
            }
          }
        }
        blend.add(tile, values);
      }
      const { area, data } = blend.sums();
      const { x, y, width: w, height: h } = line.done;
      for (let row = y; row < y + h; row++) {
        for (let column = x; column < x + w; column++) {
          for (let c = 0; c < 2; c++) {
            found[c]![row * width + column] =
              data[offset(area, c, column, row)]!;
          }
        }
      }
    }
    for (let c = 0; c < 2; c++) {
      found[c]!.forEach((sum, i) => {
        const wanted = value(c, i % width, Math.floor(i / width));
        assert.ok(Math.abs(sum - wanted) < 1e-6, `${width}x${height} at ${i}`);
      });
    }
  }
});
