import assert from "node:assert/strict";
import { LARGEST_TILE, MULTIPLE } from "./tile_plan.ts";
import { resolveTileSize, tileSizeInHalf } from "./tile_size.ts";

Deno.test("a tile in fp16 sees up to 1.8 times as many pixels", () => {
  for (const [tile, halo] of [[64, 0], [720, 96], [2048, 144]] as const) {
    const half = tileSizeInHalf({ tile, halo });
    assert.equal(half.halo, halo);
    assert.equal(half.tile % MULTIPLE, 0);
    const seen = (side: number): number => (side + 2 * halo) ** 2;
    assert.ok(seen(half.tile) <= 1.8 * seen(tile));
    assert.ok(seen(half.tile + MULTIPLE) > 1.8 * seen(tile));
  }
  assert.equal(tileSizeInHalf({ tile: 4096, halo: 96 }).tile, LARGEST_TILE);
});

Deno.test("the caller's tile size goes before the model's, that before the default", () => {
  const cut = { tile: 512, halo: 32 };
  assert.deepEqual(resolveTileSize({}), { tile: 960, halo: 96 });
  assert.deepEqual(resolveTileSize({ cut }), cut);
  assert.deepEqual(resolveTileSize({ cut }, { tile: null, halo: null }), cut);
  assert.deepEqual(resolveTileSize({ cut }, { tile: 128 }), {
    tile: 128,
    halo: 32,
  });
  assert.deepEqual(resolveTileSize({ cut }, { halo: 0 }), {
    tile: 512,
    halo: 0,
  });
  // What a network sees whole has no tiles.
  assert.deepEqual(
    resolveTileSize({ cut, whole: 256 }, { tile: 128, halo: 64 }),
    { tile: 256, halo: 0 },
  );
});
