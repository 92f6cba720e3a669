import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { TilePlan } from "./tile_plan.ts";
import { TileRowCursor } from "./tile_rows.ts";

Deno.test("TileRowCursor: a row ends before the next begins; those of which no tile comes are skipped", async () => {
  const lines = [...new TilePlan(64, 300, { tile: 64, halo: 0 }).lines()];
  assert.equal(lines.length, 5);
  const told: string[] = [];
  const note = async (what: string): Promise<void> => {
    // An end takes longer than what would follow too early.
    if (what.startsWith("end")) await setImmediate();
    await setImmediate();
    told.push(what);
  };
  const walk = new TileRowCursor(lines, {
    begin: (line) => note(`begin ${lines.indexOf(line)}`),
    end: (line) => note(`end ${lines.indexOf(line)}`),
  });
  await walk.end();
  for (const index of [0, 0, 1, 3, 3]) {
    assert.equal(await walk.at(index), lines[index]);
    told.push("tile");
  }
  await walk.end();
  await walk.end();
  assert.deepEqual(told, [
    ...["begin 0", "tile", "tile", "end 0"],
    ...["begin 1", "tile", "end 1"],
    ...["begin 3", "tile", "tile", "end 3"],
  ]);
});
