import assert from "node:assert/strict";
import { EventLoop } from "./event_loop.ts";

Deno.test("event loop: a blocked thread is seen, and where", async () => {
  const loop = new EventLoop();
  const start = performance.now();
  await new Promise((done) => setTimeout(done, 30));
  const blocked = performance.now();
  while (performance.now() < blocked + 80);
  loop.stop();
  const end = performance.now();
  const found = loop.longestGap(start, end);
  assert.ok(found >= 80, `${found}`);
  assert.ok(found <= end - start);
  const before = loop.longestGap(start, blocked);
  assert.ok(before > 0 && before <= blocked - start, `${before}`);
  assert.ok(loop.longestGap(blocked, end) >= 79.9);
  assert.equal(loop.longestGap(end, end + 1000), 0);
});
