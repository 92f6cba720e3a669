/** How many images a second a restorer takes, codecs included, for `deno task bench --throughput`. */
import type { Device } from "../lib/types.ts";
import { Child, ChildFailed } from "./child.ts";
import { markdown } from "./markdown.ts";
import { median } from "./median.ts";
import { sizeOf } from "./test_image.ts";
import type { Networks, ThroughputAnswer, ThroughputJob } from "./protocol.ts";
import { Workspace } from "./workspace.ts";

/** Images of a measurement. */
const COUNT = 6;

/**
 * Measures one after the other, and two at once, in turns.
 *
 * @param megapixels Of the image, which is damaged all over.
 */
export async function throughput(
  { devices, megapixels, runs, ...job }: Networks & {
    readonly devices: readonly Device[];
    readonly megapixels: number;
    readonly runs: number;
  },
): Promise<string> {
  await using workspace = await Workspace.create();
  const { width, height } = sizeOf(megapixels);
  const image = await workspace.draw(width, height, job.task);
  const rows: string[][] = [];
  for (const device of devices) {
    try {
      await using child = Child.onDevice(
        "throughput_child.ts",
        device,
        { ...job, device, image, count: COUNT } satisfies ThroughputJob,
      );
      await child.hear();
      const answers: ThroughputAnswer[] = [];
      for (let i = 0; i < runs; i++) {
        answers.push(await child.ask<ThroughputAnswer>());
      }
      const figures = [
        median(answers.map(({ alone }) => 1000 * COUNT / alone)),
        median(answers.map(({ overlapped }) => 1000 * COUNT / overlapped)),
        median(answers.map(({ alone, overlapped }) => alone / overlapped)),
      ];
      rows.push([device, ...figures.map((value) => value.toPrecision(3))]);
    } catch (error) {
      if (!(error instanceof ChildFailed)) throw error;
      rows.push([device, error.message, "", ""]);
    }
  }
  const head = `${width}x${height}, images a second`;
  return markdown([head, "one at a time", "two at once", "ratio"], rows);
}
