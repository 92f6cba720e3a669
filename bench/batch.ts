/** What tiles of a GPU take one by one, in a batch, and as one larger tile, for `deno task bench --batch`. */
import { Child } from "./child.ts";
import { markdown } from "./markdown.ts";
import { median, medians } from "./median.ts";
import {
  BATCH_FORMS,
  type BatchAnswer,
  type BatchForm,
  type BatchJob,
  type BatchReady,
  type ProfileJob,
} from "./protocol.ts";

const NAMES: Readonly<Record<BatchForm, (tiles: number) => string>> = {
  alone: (tiles) => `${tiles} tiles, one by one`,
  batch: (tiles) => `a batch of ${tiles}`,
  joined: (tiles) => `one tile of ${tiles} times as many pixels`,
};

/**
 * Measures the three turn by turn, each in a process of its own, so that its
 * memory is its own.
 *
 * @param side Side of a tile in pixels.
 * @throws {ChildFailed} where there is no WebGPU.
 */
export async function batch(
  { runs, ...job }: ProfileJob & Pick<BatchJob, "tiles">,
): Promise<string> {
  await using children = new AsyncDisposableStack();
  const measured: { form: BatchForm; child: Child; answers: BatchAnswer[] }[] =
    [];
  let ready: BatchReady | null = null;
  for (const form of BATCH_FORMS) {
    const own: BatchJob = { ...job, form };
    const child = children.use(
      Child.onDevice("batch_child.ts", "webgpu", own),
    );
    ready = await child.hear<BatchReady>();
    await child.hear();
    measured.push({ form, child, answers: [] });
  }
  for (let turn = 0; turn < runs; turn++) {
    for (const { child, answers } of measured) {
      answers.push(await child.ask<BatchAnswer>());
    }
  }
  const alone = measured[0]!.answers;
  const rows = measured.map(({ form, answers }) => {
    const { calls, kernels, submissions, peak, ms } = medians(answers);
    const ratios = answers.map((answer, turn) => answer.ms / alone[turn]!.ms);
    return [
      NAMES[form](job.tiles),
      ...[calls, kernels, submissions].map((each) => each.toFixed(0)),
      (peak / 1e6).toFixed(1),
      ms.toFixed(1),
      median(ratios).toFixed(2),
    ];
  });
  const { id, precision } = ready!;
  const head = [`${id}, ${precision}, tiles of ${job.side}x${job.side}`]
    .concat("calls", "kernels", "submissions", "MB of layers", "ms", "ratio");
  return markdown(head, rows);
}
