import assert from "node:assert/strict";
import type { RecordedNetwork } from "./recorded_network.ts";
import { Recordings } from "./recordings.ts";

/** Recordings that say what becomes of them. */
function recordings(open?: () => void): {
  subject: Recordings;
  said: string[];
  run: (side: number) => Promise<string>;
} {
  const said: string[] = [];
  const subject = new Recordings((inputs) => {
    open?.();
    const side = inputs["image"]![3]!;
    said.push(`open ${side}`);
    return Promise.resolve({
      release: () => {
        said.push(`release ${side}`);
        return Promise.resolve();
      },
    } as unknown as RecordedNetwork);
  });
  const run = async (side: number): Promise<string> => {
    const dims = { image: [1, 3, side, side] };
    if (subject.find(dims, dims) !== null) return "replayed";
    return await subject.make(dims, dims) === null ? "run" : "recorded";
  };
  return { subject, said, run };
}

async function runs(
  run: (side: number) => Promise<string>,
  side: number,
  count: number,
): Promise<string[]> {
  const out: string[] = [];
  for (let i = 0; i < count; i++) out.push(await run(side));
  return out;
}

Deno.test("Recordings: a shape is recorded at its eighth run, and replayed from then on", async () => {
  const { run } = recordings();
  const plain = Array<string>(7).fill("run");
  assert.deepEqual(await runs(run, 64, 10), [
    ...plain,
    "recorded",
    "replayed",
    "replayed",
  ]);
  // Each shape is counted by itself.
  assert.deepEqual(await runs(run, 80, 8), [...plain, "recorded"]);
});

Deno.test("Recordings: the two shapes used last are kept", async () => {
  const { run, said, subject } = recordings();
  await runs(run, 64, 8);
  await runs(run, 80, 8);
  assert.equal(await run(64), "replayed");
  await runs(run, 96, 8);
  assert.deepEqual(said, ["open 64", "open 80", "release 80", "open 96"]);
  assert.equal(subject.size, 2);
  assert.equal(await run(64), "replayed");
  assert.equal(await run(80), "run");
});

Deno.test("Recordings: where one cannot be made, or all are stopped, nothing is recorded any more", async () => {
  const broken = recordings(() => {
    throw new Error("not all nodes run there\nand more");
  });
  await runs(broken.run, 64, 20);
  assert.equal(broken.subject.why, "not all nodes run there");
  assert.equal(broken.subject.size, 0);

  const { run, said, subject } = recordings();
  await runs(run, 64, 8);
  await subject.stop("It gives other numbers.");
  assert.deepEqual(said, ["open 64", "release 64"]);
  assert.deepEqual(new Set(await runs(run, 64, 9)), new Set(["run"]));
  assert.equal(subject.why, "It gives other numbers.");
});

Deno.test("Recordings: of shapes without end only some are counted", async () => {
  const { run, said } = recordings();
  for (let side = 0; side < 1000; side++) await runs(run, side, 7);
  // Long forgotten.
  assert.equal(await run(0), "run");
  assert.deepEqual(said, []);
});
