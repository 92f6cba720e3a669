/** `restore INPUT... [-o OUT]` */
import { dirname, extname, resolve } from "node:path";
import { decodeMask } from "../codecs/mod.ts";
import { LimpidError } from "../errors.ts";
import { restorerSettings } from "../options.ts";
import { formatOfExtension } from "../formats.ts";
import { readStream } from "../pipeline/read_input.ts";
import { choice, given, onOff, text } from "../flags/parse_flags.ts";
import { restorerOptions, RUNTIME_FLAGS } from "../flags/runtime_flags.ts";
import { type Command, command } from "../flags/command.ts";
import { printable } from "../flags/terminal.ts";
import { HtmlReport, sectionOf } from "./html_report.ts";
import {
  exists,
  findInputs,
  identity,
  type Inputs,
  isFolder,
  openInput,
  STANDARD,
  withoutResults,
} from "./inputs.ts";
import {
  isDone,
  type Job,
  jobsOf,
  targetsBeside,
  targetsOf,
} from "./outputs.ts";
import { runBatch, type Work } from "./run_images.ts";
import {
  imageOptions,
  OUT,
  OVERWRITE,
  REPORT,
  RESTORE_FLAGS,
  RESULT_FLAGS,
} from "./shared_flags.ts";
import { FolderWatch } from "./watch_folder.ts";
import { checkReplaceable, prepareFolder } from "./write_file.ts";

/** The limits of a mask's file: those of an image. */
const FLAGS = {
  out: { ...OUT.out, help: `${OUT.out.help}; default beside the input` },
  ...RESTORE_FLAGS,
  ...RESULT_FLAGS,
  format: {
    ...RESULT_FLAGS.format,
    help:
      "png, jpeg, webp, avif or tiff; default: as OUT is named, else the input's own",
  },
  "mask-out": {
    help:
      "also write the degradation mask as a grey PNG, to a file, or a folder where OUT is one; default no",
    value: "FILE",
    parse: text,
  },
  mask: {
    help:
      "an image as large as the input: only where it is light may be restored (see --mask-use); default none",
    value: "FILE",
    parse: text,
  },
  "mask-use": {
    help:
      "restrict (default): restore where --mask is light; protect: keep what is light",
    value: "USE",
    parse: choice(["restrict", "protect"]),
  },
  report: {
    help: "also write a page with each photograph before and after; default no",
    value: "FILE.html",
    parse: text,
  },
  watch: {
    help:
      "go on with images that come into the folders, until Ctrl-C; default no",
    parse: onOff,
  },
  ...RUNTIME_FLAGS,
  ...OVERWRITE,
  ...REPORT,
};

/** Restores images. */
export const restore: Command = command({
  name: "restore",
  summary:
    "Finds where photographs are spoiled by rain, raindrops, haze or motion blur, and restores them there.",
  usage: "INPUT... [-o OUT] [flags]",
  notes: [
    "INPUT is an image, a folder (the images directly in it) or - for standard input. Without -o the\n" +
    "result of photo.jpg is photo-restored.jpg beside it. With several inputs or a folder OUT is a folder:\n" +
    "files keep their stem and take their format's extension.",
    "Examples:\n" +
    "  limpid restore photo.jpg\n" +
    "  limpid restore photos/ -o restored/ --report restored/report.html\n" +
    "  limpid restore photo.jpg -o out.png --task rain --mask only-here.png",
    "Exit codes: 0 done, 1 some input failed (the others are done), 2 usage.",
  ],
  flags: FLAGS,
  async action({ values, positionals }): Promise<number> {
    const { out, format, json = false, quiet = false } = values;
    const { report: reportFile, watch = false } = values;
    const options = imageOptions(values);
    const limits = restorerSettings(restorerOptions(values));
    if (values["mask-use"] !== undefined && values.mask === undefined) {
      throw new LimpidError(
        "invalid-option",
        "--mask-use says how a mask is used, and there is none; add --mask FILE.",
      );
    }
    if (values.mask === STANDARD && positionals.includes(STANDARD)) {
      throw new LimpidError(
        "invalid-option",
        "Standard input cannot be both an input and its mask; name a file for one of them.",
      );
    }
    if (watch) await checkWatch(positionals, out);
    else if (out === undefined) await checkNoOutput(positionals);
    const mask = values.mask === undefined ? null : {
      file: await readMask(values.mask, limits.maxBytes),
      use: values["mask-use"] ?? "restrict",
    };
    using report = reportFile === undefined ? null : new HtmlReport(reportFile);

    // A watch goes on for days: what came of one photograph is not another's.
    const taken = new Map<string, string>();
    const plan = async (inputs: Inputs): Promise<Plan> => {
      const images = out === undefined
        ? { targets: await targetsBeside(inputs, format), folder: null }
        : await targetsOf(inputs, out, format, "-o");
      const maskOut = values["mask-out"];
      const masks = maskOut === undefined
        ? null
        : await targetsOf(inputs, maskOut, "png", "--mask-out");
      const all = [images.targets, ...masks === null ? [] : [masks.targets]];
      return {
        jobs: await jobsOf(inputs.paths, all, values.overwrite ?? false, {
          mask: values.mask,
          report: reportFile,
        }, taken),
        folders: [images.folder, masks?.folder].filter((f) => f != null),
      };
    };
    const find = async (): Promise<Inputs> => {
      const found = await findInputs(positionals, watch);
      return out === undefined ? await withoutResults(found) : found;
    };
    /** In a watch a file that is refused, or that is gone again, stops no other. */
    const planEach = async (paths: readonly string[]): Promise<Job[]> => {
      const jobs: Job[] = [];
      for (const path of paths) {
        try {
          const inputs = { paths: [path], folder: true, skipped: [] };
          jobs.push(...(await plan(inputs)).jobs);
        } catch (error) {
          if (!(error instanceof LimpidError)) throw error;
          jobs.push({ input: path, targets: [], refusal: error });
        }
      }
      return jobs;
    };
    const inputs = await find();
    // Files that are there may not be complete yet: the watch decides.
    const { jobs, folders } = await plan(
      watch ? { ...inputs, paths: [] } : inputs,
    );
    if (reportFile !== undefined) {
      const folder = dirname(reportFile);
      // One that is made for the results is made for the report, too.
      const made = folders.some((other) => resolve(other) === resolve(folder));
      await prepareFolder(folder, made);
      await checkReplaceable(reportFile);
    }
    const done: string[] = [];
    for (const job of watch ? await planEach(inputs.paths) : []) {
      if (await isDone(job)) done.push(job.input);
    }
    const watched = watch ? new FolderWatch(find, done) : null;
    const code = await runBatch({
      jobs,
      skipped: [
        ...inputs.skipped,
        ...done.length === 0 ? [] : [`${done.length} done already`],
      ],
      folders,
      restorer: restorerOptions(values),
      json,
      quiet,
      ...(watched !== null && {
        more: async (signal): Promise<readonly Job[]> => {
          const next = await watched.next(signal);
          if (next instanceof LimpidError) {
            const input = positionals.join(", ");
            return [{ input, targets: [], refusal: next }];
          }
          return await planEach(next);
        },
      }),
      failed: async ({ input, refusal }, error) => {
        // What is refused stays so until the file changes.
        if (refusal === undefined && watched?.failed(input, error)) return true;
        await report?.fail(input, error);
        return false;
      },
      async work(restorer, input, job, control): Promise<Work> {
        const [image, maskTarget] = job.targets;
        // Read the input once where it is needed twice.
        const bytes = mask === null && report === null
          ? null
          : await readStream(input, limits.maxBytes, control.signal);
        const result = await restorer.restore(bytes ?? input, {
          ...options,
          ...given({ format: image?.format }),
          ...(mask !== null && {
            mask: await decodeMask(mask.file, mask.use, limits, bytes!, {
              signal: control.signal,
            }),
          }),
          ...control,
        });
        const files = [await result.encode()];
        if (maskTarget !== undefined) files.push(await result.encodeMask());
        if (report === null) return { result, files };
        const path = image?.path ?? "";
        const section = await sectionOf(job.input, path, bytes!, result);
        return { result, files, done: () => report.add(section) };
      },
    });
    await report?.end();
    return code;
  },
});

/** The jobs for some inputs. */
interface Plan {
  readonly jobs: readonly Job[];
  /** Folders to create. */
  readonly folders: readonly string[];
}

/**
 * Refuses the form `restore IN OUT` of other programs.
 *
 * @throws {LimpidError} `invalid-option` where the second of two names is that
 * of an image that is not there
 */
async function checkNoOutput(named: readonly string[]): Promise<void> {
  const last = named.at(-1) ?? STANDARD;
  if (
    named.length !== 2 || last === STANDARD ||
    formatOfExtension(extname(last)) === null || await exists(last)
  ) return;
  throw new LimpidError(
    "invalid-option",
    `There is no input ${printable(last)}; to name the result, write -o ${
      printable(last)
    }.`,
  );
}

/** @throws {LimpidError} `invalid-option` where results would become inputs */
async function checkWatch(
  named: readonly string[],
  out: string | undefined,
): Promise<void> {
  for (const path of named) {
    if (!await isFolder(path)) {
      throw new LimpidError(
        "invalid-option",
        `--watch takes folders, and ${printable(path)} is none.`,
      );
    }
    if (out === undefined || await identity(path) === await identity(out)) {
      throw new LimpidError(
        "invalid-option",
        "--watch needs another folder for the results; add -o OUT.",
      );
    }
  }
}

/** @throws {LimpidError} `not-found`, `unreadable`, `too-many-bytes` */
async function readMask(path: string, maxBytes: number): Promise<Uint8Array> {
  using input = await openInput(path);
  return await readStream(input.bytes, maxBytes, null);
}
