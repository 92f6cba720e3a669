/** `batch IN OUT` */
import { dirname, join } from "node:path";
import { LimpidError } from "../errors.ts";
import { restoreSettings } from "../options.ts";
import { OUTPUT_FORMATS, type RestoreOptions } from "../types.ts";
import { choice, type Environment, number, type Parsed } from "./args.ts";
import { runBatch, type Work } from "./batch.ts";
import { type Command, command } from "./command.ts";
import {
  MEANS,
  PICTURE,
  pictureOptions,
  QUALITY,
  REPORT,
  restorerOptions,
} from "./flags.ts";
import type { Target } from "./outputs.ts";
import { belongsTo, imagesUnder, resultOf, shareOf } from "./share.ts";
import { writeText } from "./terminal.ts";

const FLAGS = {
  ...PICTURE,
  strength: {
    help: "0 leaves the picture as it is, 1 (default) restores fully",
    value: "S",
    parse: number,
  },
  format: {
    help: "png, jpeg or webp; default: the image's own",
    value: "FORMAT",
    parse: choice(OUTPUT_FORMATS),
  },
  ...QUALITY,
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
  ...MEANS,
  ...REPORT,
} as const;

/** Restores the images of a folder that this process has a share of, those that are not done. */
export const batch: Command = command({
  name: "batch",
  summary:
    "Restores all images of a folder and the folders in it, shared among processes; what is done is skipped.",
  usage: "IN OUT [flags]",
  notes: [
    "Results keep path and name; where the format is another, its extension is added. A result is\n" +
    "written beside its place and renamed, so that one that is there is whole: run it again, and it\n" +
    "goes on where it stopped. Buckets are mounted as folders; see deploy/README.md.",
  ],
  flags: FLAGS,
  action: (parsed) => run(parsed, (name) => Deno.env.get(name)),
});

async function run(
  { values, positionals }: Parsed<typeof FLAGS>,
  environment: Environment,
): Promise<number> {
  const [from, to] = positionals;
  if (from === undefined || to === undefined || positionals.length > 2) {
    throw new LimpidError(
      "invalid-option",
      "batch takes two folders, IN and OUT.",
    );
  }
  const { format, quality, strength, json = false, quiet = false } = values;
  const options: RestoreOptions = {
    ...pictureOptions(values),
    ...(strength === undefined ? {} : { strength }),
    ...(quality === undefined ? {} : { quality }),
  };
  restoreSettings(options); // Told now, not with the first image.
  const share = shareOf(values, environment);
  const mine = (await imagesUnder(from)).filter((n) => belongsTo(n, share));
  const paths: string[] = [];
  const outputs: Target[][] = [];
  for (const name of mine) {
    const result = resultOf(name, format);
    const path = join(to, result.name);
    if (await exists(path)) continue;
    paths.push(join(from, name));
    outputs.push([{ path, format: result.format }]);
  }
  if (!json && !quiet) {
    writeText(
      Deno.stdout,
      `share ${share.index} of ${share.count}: ${mine.length} images, ${
        mine.length - paths.length
      } done already\n`,
    );
  }
  if (paths.length === 0) return 0;
  return await runBatch({
    inputs: { paths, folder: true, skipped: 0 },
    outputs,
    folders: [...new Set(outputs.flat().map(({ path }) => dirname(path)))],
    restorer: restorerOptions(values),
    json,
    quiet,
    async work(restorer, input, [target], watch): Promise<Work> {
      const result = await restorer.restore(input, {
        ...options,
        ...(target?.format === undefined ? {} : { format: target.format }),
        ...watch,
      });
      return { result, files: [await result.encode()] };
    },
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new LimpidError(
      "unwritable",
      "The output folder cannot be read; check its permissions.",
      { cause: error },
    );
  }
}
