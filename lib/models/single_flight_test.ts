import assert from "node:assert/strict";
import { SingleFlight } from "./single_flight.ts";

Deno.test("SingleFlight: a caller whose callback throws leaves alone", async () => {
  const work = Promise.withResolvers<string>();
  let report: (done: number, total: number) => void;
  const flight = new SingleFlight<string>(({ onProgress }) => {
    report = onProgress;
    return work.promise;
  });
  const seen: number[] = [];
  const clumsy = flight.join({
    onProgress(): never {
      throw new Error("my own mistake");
    },
  });
  const other = flight.join({ onProgress: (done) => void seen.push(done) });
  report!(1, 2);
  await assert.rejects(clumsy, /my own mistake/);
  report!(2, 2);
  work.resolve("all of it");
  assert.equal(await other, "all of it");
  assert.deepEqual(seen, [1, 2]);
  assert.equal(flight.stopped, false);
});
