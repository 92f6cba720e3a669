import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { MaskResult } from "../types.ts";
import { LimpidError } from "../errors.ts";
import type { Job } from "./outputs.ts";
import { runBatch, type Work } from "./run_images.ts";

/** What all batches here have in common. */
const USUAL = {
  skipped: [],
  folders: [],
  restorer: { device: "cpu" },
  json: false,
  quiet: true,
  writes: false,
} as const;

/** Of an image that succeeds. */
const WORK: Work = {
  result: { warnings: [] } as unknown as MaskResult,
  files: [],
};

/** Images of a folder, and how long each takes; null: it fails. */
async function scene(
  times: readonly (number | null)[],
): Promise<{ code: number; told: string[]; most: number }> {
  const folder = await Deno.makeTempDir();
  try {
    const jobs: Job[] = [];
    for (const i of times.keys()) {
      const input = join(folder, `${i}.png`);
      await Deno.writeTextFile(input, "bytes");
      jobs.push({ input, targets: [] });
    }
    const told: string[] = [];
    let now = 0;
    let most = 0;
    const nameOf = (path: string): string => path.slice(folder.length + 1, -4);
    const code = await runBatch({
      ...USUAL,
      jobs,
      work: async (_restorer, _input, { input }): Promise<Work> => {
        most = Math.max(most, ++now);
        const time = times[Number(nameOf(input))]!;
        try {
          await pause(time ?? 1);
          if (time === null) throw new LimpidError("corrupt-image", "Broken.");
          return { ...WORK, done: () => void told.push(nameOf(input)) };
        } finally {
          now--;
        }
      },
    });
    return { code, told, most };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("runBatch: the next image is begun while one is worked on; all are told in order", async () => {
  const { code, told, most } = await scene([60, 1, 1, 1, 1]);
  assert.equal(code, 0);
  assert.deepEqual(told, ["0", "1", "2", "3", "4"]);
  assert.equal(most, 2);
});

Deno.test("runBatch: an image that failed and succeeds later has not failed", async () => {
  const job: Job = { input: import.meta.filename!, targets: [] };
  const outcomes = ["unwritable", "unwritable", null] as const;
  for (const [tries, code] of [[1, 1], [2, 1], [3, 0]] as const) {
    let tried = 0;
    const given = await runBatch({
      ...USUAL,
      jobs: [job],
      failed: () => Promise.resolve(tried > 1),
      more: () => Promise.resolve(tried < tries ? [job] : []),
      work: (): Promise<Work> => {
        const fault = outcomes[tried++]!;
        if (fault !== null) throw new LimpidError(fault, "The disk is full.");
        return Promise.resolve(WORK);
      },
    });
    assert.deepEqual([tried, given], [tries, code]);
  }
});

Deno.test("runBatch: one that fails ahead of its turn spoils no other", async () => {
  const { code, told } = await scene([60, null, 1, null, 1]);
  assert.equal(code, 1);
  assert.deepEqual(told, ["0", "2", "4"]);
});
