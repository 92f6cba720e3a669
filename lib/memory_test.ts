import assert from "node:assert/strict";
import {
  checkMemory,
  isOutOfMemory,
  outOfMemory,
  peakBytes,
} from "./memory.ts";

const PICTURE = { width: 6000, height: 4000 };

Deno.test("memory grows with pixels, tile and file", () => {
  const base = peakBytes(PICTURE, 1e6, { tile: 512 });
  // In, out and a mask are the least that must fit.
  assert.ok(base > 9 * 24e6);
  for (
    const more of [
      peakBytes({ ...PICTURE, width: 6001 }, 1e6, { tile: 512 }),
      peakBytes(PICTURE, 1e6 + 1, { tile: 512 }),
      peakBytes(PICTURE, 1e6, { tile: 528 }),
    ]
  ) assert.ok(more > base);
});

Deno.test("a picture is refused above the limit only", () => {
  const settings = { tile: 512 };
  const bytes = peakBytes(PICTURE, 1e6, settings);
  checkMemory(PICTURE, 1e6, settings, null);
  checkMemory(PICTURE, 1e6, settings, bytes);
  assert.throws(() => checkMemory(PICTURE, 1e6, settings, bytes - 1), {
    name: "LimpidError",
    code: "too-much-memory",
    message:
      /^The picture of 6000x4000 pixels takes about \d+ MiB with tiles of 512, the limit is \d+ MiB; [^.]+\.$/,
  });
});

Deno.test("want of memory is told from other errors", () => {
  const want = caught(() => new ArrayBuffer(2 ** 52));
  assert.equal(isOutOfMemory(want), true, `${want}`);
  assert.equal(outOfMemory(want).code, "too-much-memory");
  for (
    const error of [
      caught(() => new Uint8Array(1).set([1, 2])),
      caught(() => new Uint8Array(-1)),
      caught(() => new DataView(new ArrayBuffer(1)).getUint16(0)),
      new Error("out of memory"),
    ]
  ) assert.equal(isOutOfMemory(error), false, `${error}`);
});

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
