/**
 * Counts what a single run of each network sends to a GPU, for `deno task bench
 * --profile`.
 */
import type { Precision, Task } from "../lib/types.ts";
import { Child } from "./child.ts";
import type { ProfileAnswer } from "./protocol.ts";

/**
 * @param side Side of the tile in pixels.
 * @throws {ChildFailed} where there is no WebGPU.
 */
export async function profile(
  job: {
    readonly models: string;
    readonly task: Task;
    readonly precision: Precision | "auto";
    readonly side: number;
    readonly runs: number;
  },
): Promise<string> {
  await using child = Child.onDevice("profile_child.ts", "webgpu", job);
  const { name, rows } = await child.hear<ProfileAnswer>();
  const cells = rows.map((row) => [
    row.id,
    row.precision,
    row.kernels.toFixed(0),
    row.submissions.toFixed(0),
    row.copies.toFixed(0),
    kilobytes(row.sent),
    kilobytes(row.fetched),
    row.ms.toFixed(1),
  ]);
  const head = ["one run", "in", "kernels", "submissions", "copies"]
    .concat("kB sent", "kB fetched", "ms");
  const lines = [head, head.map(() => "---"), ...cells]
    .map((row) => `| ${row.join(" | ")} |`);
  return `${name}, a tile of ${job.side}x${job.side}, its mask and its weights included:\n\n${
    lines.join("\n")
  }\n`;
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
