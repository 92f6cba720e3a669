/**
 * Counts what a single run of each network sends to a GPU, for `deno task bench
 * --profile`.
 */
import { Child } from "./child.ts";
import type { GpuCounts } from "./gpu_counter.ts";
import { markdown } from "./markdown.ts";
import type { ProfileAnswer, ProfileJob } from "./protocol.ts";

/**
 * @param side Side of the tile in pixels.
 * @throws {ChildFailed} where there is no WebGPU.
 */
export async function profile(
  job: ProfileJob,
): Promise<string> {
  await using child = Child.onDevice("profile_child.ts", "webgpu", job);
  const { name, rows, networks, image } = await child.hear<ProfileAnswer>();
  const handed = markdown(
    ["one run", "in", "recorded", ...COUNTS, "ms to hand over", "ms"],
    rows.map((row) => [
      row.id,
      row.precision,
      row.recorded ? "yes" : "no",
      ...counted(row),
      row.handed.toFixed(1),
      row.ms.toFixed(1),
    ]),
  );
  const restored = markdown(
    ["restore()", ...COUNTS, "ms"],
    [[
      `${image.width}x${image.height}`,
      ...counted(image),
      image.ms.toFixed(1),
    ]],
  );
  const parts = networks.map(({ id, unrecorded, kernels }) => {
    const why = unrecorded === null ? "" : ` It is not recorded: ${unrecorded}`;
    const times = kernels.length === 0
      ? "The adapter has no clock for its kernels.\n"
      : markdown(
        ["kernels", "passes", "ms"],
        kernels.map(({ kernel, count, ms }) => [
          kernel,
          String(count),
          ms.toFixed(3),
        ]),
      );
    return `${id}.${why}\n\n${times}`;
  });
  const { side } = job;
  return `${name}, a tile of ${side}x${side}, its mask and its weights included:\n\n${
    [handed, restored, ...parts].join("\n")
  }`;
}

/** What {@linkcode counted} gives. */
const COUNTS = ["calls", "kernels", "passes", "clears"]
  .concat("submissions", "copies", "kB sent", "kB fetched", "waits");

function counted(counts: GpuCounts): readonly string[] {
  const { calls, kernels, passes, clears, submissions, copies } = counts;
  return [
    ...[calls, kernels, passes, clears, submissions, copies]
      .map((count) => count.toFixed(0)),
    kilobytes(counts.sent),
    kilobytes(counts.fetched),
    counts.waits.toFixed(0),
  ];
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
