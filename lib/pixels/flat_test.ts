import assert from "node:assert/strict";
import { isFlat } from "./flat.ts";
import { pack } from "./planes.ts";

Deno.test("one colour is flat, with what JPEG adds to it too; alpha does not count", async () => {
  const data = new Uint8Array(4 * 70 * 50).map((_, i) => 90 + 40 * (i % 4));
  const image = { width: 70, height: 50, data };
  const flat = async (): Promise<boolean> => await isFlat(await pack(image));
  assert.ok(await flat());
  data[4 * 1000] = 92;
  data[4 * 2000 + 2] = 168;
  data[4 * 3000 + 3] = 0;
  assert.ok(await flat());
  for (const [c, value] of [93, 133, 173].entries()) {
    const at = 4 * 3499 + c;
    const before = data[at]!;
    data[at] = value;
    assert.equal(await flat(), false, `channel ${c}`);
    data[at] = before;
  }
});
