/** `batch IN OUT` */
import { dirname, join, resolve } from "node:path";
import { LimpidError } from "../errors.ts";
import { FORMATS } from "../formats.ts";
import type { Depth } from "../types.ts";
import { given, number, onOff, type Parsed } from "../flags/parse_flags.ts";
import { runBatch, type Work } from "./run_images.ts";
import { type Command, command } from "../flags/command.ts";
import { grantedEnvironment } from "../permissions.ts";
import {
  imageOptions,
  REPORT,
  RESTORE_FLAGS,
  RESULT_FLAGS,
} from "./shared_flags.ts";
import { restorerOptions, RUNTIME_FLAGS } from "../flags/runtime_flags.ts";
import { identity } from "./inputs.ts";
import { anotherInput, isDone, type Job, sameResult } from "./outputs.ts";
import { Reporter } from "./reporter.ts";
import { belongsTo, imagesUnder, resultsOf, shareOf } from "./shard.ts";

const FLAGS = {
  ...RESTORE_FLAGS,
  ...RESULT_FLAGS,
  redo: {
    help:
      "restore images that have a result anew, as after a change of options; default no",
    parse: onOff,
  },
  shard: {
    help:
      "this process's share, from 0; default CLOUD_RUN_TASK_INDEX or JOB_COMPLETION_INDEX, else 0",
    value: "I",
    parse: number,
  },
  shards: {
    help:
      "how many processes share the work; default CLOUD_RUN_TASK_COUNT, else 1",
    value: "N",
    parse: number,
  },
  ...RUNTIME_FLAGS,
  ...REPORT,
} as const;

/** Restores this process's share of a folder's images, unless they are done. */
export const batch: Command = command({
  name: "batch",
  summary:
    "Restores all images of a folder and its subfolders, shared among processes; skips images that have a result.",
  usage: "IN OUT [flags]",
  notes: [
    "A result has the path and name of its image. Where it is written in another format than its name says,\n" +
    "the extension of that format is added: a.gif becomes a.gif.png. Of two images whose results have one name\n" +
    "neither is restored, which is an error. If OUT is inside IN, its files are not restored. Each result is written to a temporary file,\n" +
    "which is then renamed, so every result in OUT is complete. An interrupted batch continues where it\n" +
    "stopped when it is run again; an image that is newer than its result is restored anew. To use buckets, mount them as folders: see docs/service.md.",
  ],
  flags: FLAGS,
  action: run,
});

async function run(
  { values, positionals }: Parsed<typeof FLAGS>,
): Promise<number> {
  const [from, to] = positionals;
  if (from === undefined || to === undefined || positionals.length > 2) {
    throw new LimpidError(
      "invalid-option",
      "batch takes two folders, IN and OUT.",
    );
  }
  const { format, depth } = values;
  const { json = false, quiet = false, redo = false } = values;
  const options = imageOptions(values);
  const share = shareOf(values, grantedEnvironment);
  if (await identity(from) === await identity(to)) {
    throw new LimpidError(
      "invalid-option",
      "IN and OUT are the same folder, so results would be restored again; name another folder for OUT.",
    );
  }
  const { names, left, others, unlisted } = await imagesUnder(from, to);
  const results = resultsOf(names, format);
  const inputs = new Set(names.map((name) => resolve(from, name)));
  const mine = names.filter((name) => belongsTo(name, share));
  const jobs: Job[] = unlisted.filter(({ input }) => belongsTo(input, share));
  let done = 0;
  for (const name of mine) {
    const result = results.get(name)!;
    const path = join(to, result.name);
    const input = join(from, name);
    if (result.clash !== undefined) {
      const refusal = sameResult(path, join(from, result.clash));
      jobs.push({ input, targets: [], refusal });
    } else if (inputs.has(resolve(path))) {
      jobs.push({ input, targets: [], refusal: anotherInput(path) });
    } else {
      const job = { input, targets: [{ path, format: result.format }] };
      if (redo || !await isDone(job)) jobs.push(job);
      else done++;
    }
  }
  const report = new Reporter(Deno.stdout);
  if (!json && !quiet) {
    await report.line(
      `share ${share.index} of ${share.count}: ${mine.length} images, ${done} done already${
        done > 0 ? " (--redo restores them anew)" : ""
      }`,
    );
  }
  const skipped = [
    others > 0 ? `${others} skipped (no images by their names)` : "",
    left > 0 ? `${left} skipped (links to folders, no regular files)` : "",
  ].filter(Boolean);
  if (jobs.length === 0) {
    if (!json && !quiet) {
      for (const line of skipped) await report.line(line);
    }
    return report.failed ? 1 : 0;
  }
  return await runBatch({
    jobs,
    skipped,
    folders: [
      ...new Set(
        jobs.flatMap((job) => job.targets.map(({ path }) => dirname(path))),
      ),
    ],
    restorer: restorerOptions(values),
    json,
    quiet,
    async work(restorer, input, { targets: [target] }, control): Promise<Work> {
      const own = target?.format ?? "png";
      // A format that a name promises may hold less than was asked for.
      const least = Math.min(depth ?? 8, FORMATS[own].written.depth) as Depth;
      const result = await restorer.restore(input, {
        ...options,
        ...given({ format: target?.format }),
        depth: least,
        ...control,
      });
      return { result, files: [await result.encode()] };
    },
  });
}
