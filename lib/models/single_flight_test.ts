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

Deno.test("SingleFlight: the work goes on while somebody waits, and stops when the last one leaves", async () => {
  const told = Promise.withResolvers<AbortSignal>();
  const flight = new SingleFlight<string>(({ signal }) => {
    told.resolve(signal);
    return new Promise(() => {});
  });
  const signal = await told.promise;
  const [one, other] = [new AbortController(), new AbortController()];
  const joined = [one, other].map(({ signal }) => flight.join({ signal }));
  one.abort();
  await assert.rejects(joined[0]!, { code: "aborted" });
  assert.equal(signal.aborted, false);
  other.abort();
  await assert.rejects(joined[1]!, { code: "aborted" });
  assert.equal(signal.aborted, true);
  assert.equal(flight.stopped, true);
});
