/** Images one after the other: read, worked on, written, told. */
import { asLimpidError, LimpidError } from "../errors.ts";
import type {
  Input,
  MaskResult,
  Progress,
  RestoreResult,
  RestorerOptions,
} from "../types.ts";
import { createRestorer, type Restorer } from "../restorer.ts";
import { type Inputs, openInput, STANDARD } from "./inputs.ts";
import { Interrupt } from "./interrupt.ts";
import { ProgressBar } from "./progress_bar.ts";
import {
  errorLine,
  errorObject,
  meansLine,
  resultLine,
  resultObject,
  warningLines,
} from "./report.ts";
import { writeText } from "./terminal.ts";
import { checkWritable, writeFile, writeStandardOutput } from "./write_file.ts";
import { dirname } from "node:path";
import type { Target } from "./outputs.ts";

/** What is done to every image. */
export interface Batch {
  readonly inputs: Inputs;
  /** Every file that will be written; those of the image at `i` are `outputs[i]`, the one to be told first. */
  readonly outputs: readonly (readonly Target[])[];
  /** Folders to create. */
  readonly folders: readonly string[];
  readonly restorer: RestorerOptions;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Works on one image. */
  readonly work: (
    restorer: Restorer,
    input: Input,
    targets: readonly Target[],
    watch: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: Progress) => void;
    },
  ) => Promise<Work>;
}

/** What comes of one image. */
export interface Work {
  readonly result: MaskResult | RestoreResult;
  /** The bytes of its outputs, in their order. */
  readonly files: readonly Uint8Array[];
}

/**
 * Works through a batch. An image that fails is told of, and the next one is
 * begun; an interruption ends the batch.
 *
 * @returns the exit code: 0, 1 where an image failed, 130 or 143 on an interruption
 * @throws {LimpidError} where none can succeed: `invalid-option`, `unwritable`,
 * `device-unavailable`, `model-missing`, `model-corrupt`
 */
export async function runBatch(batch: Batch): Promise<number> {
  const { inputs: { paths, skipped }, outputs, folders, json, quiet } = batch;
  const toStandard = outputs.flat().some(({ path }) => path === STANDARD);
  checkStandardStreams(paths, toStandard, json);
  for (const folder of folders) await checkWritable(folder, true);
  for (const folder of parents(outputs.flat())) {
    await checkWritable(folder, false);
  }

  using interrupt = new Interrupt();
  const { signal } = interrupt;
  using bar = json || quiet || !Deno.stderr.isTerminal()
    ? null
    : new ProgressBar(Deno.stderr, paths.length, () =>
      Deno.consoleSize().columns);
  const say = (line: string): void => {
    bar?.clear();
    writeText(toStandard ? Deno.stderr : Deno.stdout, line + "\n");
  };
  const tell = (line: string): void => {
    if (!json && !quiet) say(line);
  };

  bar?.start(0, paths[0]!);
  await using restorer = await createRestorer(batch.restorer);
  let means = "";
  let done = 0;
  let failed = 0;
  for (const [index, path] of paths.entries()) {
    if (signal.aborted) break;
    const targets = outputs[index]!;
    try {
      bar?.start(index, path);
      using input = await openInput(path);
      const onProgress = (progress: Progress): void => bar?.update(progress);
      const { result, files } = await batch.work(
        restorer,
        input.bytes,
        targets,
        { signal, onProgress },
      );
      signal.throwIfAborted();
      for (const [i, { path }] of targets.entries()) {
        if (path === STANDARD) await writeStandardOutput(files[i]!);
        else await writeFile(path, files[i]!);
      }
      done++;
      const output = targets[0]!.path;
      if (json) say(JSON.stringify(resultObject(path, output, result)));
      tell(resultLine(path, output, result));
      warningLines(result).forEach(tell);
      if (means !== (means = meansLine(result))) tell(means);
    } catch (error) {
      if (signal.aborted) break;
      const known = asLimpidError(
        error,
        "device-failed",
        `The image could not be worked on (${error}).`,
      );
      if (known.code === "invalid-option") throw known;
      failed++;
      bar?.clear();
      if (json) say(JSON.stringify(errorObject(path, known)));
      else writeText(Deno.stderr, errorLine(path, known) + "\n");
    }
  }
  if (paths.length > 1 || skipped > 0 || interrupt.code !== null) {
    tell(closing(paths.length, done, failed, skipped, interrupt.code !== null));
  }
  return interrupt.code ?? (failed > 0 ? 1 : 0);
}

/** Images do not come from a keyboard, nor do they belong on a screen or between JSON. */
function checkStandardStreams(
  paths: readonly string[],
  toStandard: boolean,
  json: boolean,
): void {
  if (paths.includes(STANDARD) && Deno.stdin.isTerminal()) {
    throw new LimpidError(
      "invalid-option",
      "Standard input is a terminal; lead an image into it, as in `limpid - < photo.jpg`.",
    );
  }
  if (toStandard && Deno.stdout.isTerminal()) {
    throw new LimpidError(
      "invalid-option",
      "Standard output is a terminal, and would show an image's bytes; name a file.",
    );
  }
  if (toStandard && json) {
    throw new LimpidError(
      "invalid-option",
      "Standard output cannot take both an image and --json; name a file for one of them.",
    );
  }
}

/** The folders that files will be written into. */
function parents(targets: readonly Target[]): Set<string> {
  return new Set(
    targets.filter(({ path }) => path !== STANDARD).map(({ path }) =>
      dirname(path)
    ),
  );
}

function closing(
  total: number,
  done: number,
  failed: number,
  skipped: number,
  interrupted: boolean,
): string {
  const left = total - done - failed;
  return [
    `${done} done`,
    failed > 0 ? `${failed} failed` : "",
    skipped > 0 ? `${skipped} skipped (no images by their names)` : "",
    interrupted ? `interrupted, ${left} not done` : "",
  ].filter(Boolean).join(", ");
}
