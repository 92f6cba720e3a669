/** Processes images one after the other: read, process, write, report. */
import { asLimpidError, LimpidError } from "../errors.ts";
import type {
  Input,
  MaskResult,
  Progress,
  RestoreResult,
  RestorerOptions,
} from "../types.ts";
import { createRestorer, type Restorer } from "../restorer.ts";
import { openInput, STANDARD } from "./inputs.ts";
import { Interrupt } from "./interrupt.ts";
import { ProgressBar } from "./progress_bar.ts";
import {
  errorLine,
  errorObject,
  meansLine,
  resultLine,
  warningLines,
} from "./report.ts";
import { resultObject } from "../result_object.ts";
import { Reporter } from "./reporter.ts";
import { complain, jsonLine, printable } from "../flags/terminal.ts";
import {
  checkReplaceable,
  checkWritable,
  writeFile,
  writeStandardOutput,
} from "./write_file.ts";
import { dirname } from "node:path";
import type { Job, Target } from "./outputs.ts";

/** A list of jobs, and what to do with each image. */
export interface Batch {
  readonly jobs: readonly Job[];
  /** What was left out, in a few words each, for the report. */
  readonly skipped: readonly string[];
  /** Folders to create. */
  readonly folders: readonly string[];
  readonly restorer: RestorerOptions;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether results are written. Default: true. */
  readonly writes?: boolean;
  /** Called after each image that succeeded. */
  readonly done?: (input: string, result: Work["result"]) => Promise<void>;
  /** Returns lines to print at the end. */
  readonly end?: () => readonly string[];
  /** Waits for more jobs when all are done; none once the signal aborts. */
  readonly more?: (signal: AbortSignal) => Promise<readonly Job[]>;
  /** Processes one image. */
  readonly work: (
    restorer: Restorer,
    input: Input,
    job: Job,
    control: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: Progress) => void;
    },
  ) => Promise<Work>;
}

/** Result of one image. */
export interface Work {
  readonly result: MaskResult | RestoreResult;
  /** The bytes of its outputs, in the order of its targets. */
  readonly files: readonly Uint8Array[];
}

/**
 * Processes a batch. An image that fails is reported and the batch goes on; an
 * interruption ends it.
 *
 * @returns the exit code: 0, 1 where an image failed, 130 or 143 on an interruption
 * @throws {LimpidError} where no image can succeed: `invalid-option`,
 * `unwritable`, `device-unavailable`, `model-missing`, `model-corrupt`
 */
export async function runBatch(batch: Batch): Promise<number> {
  const { skipped, folders, json, quiet, writes = true } = batch;
  const jobs = [...batch.jobs];
  const targets = jobs.flatMap((job) => job.targets);
  const toStandard = targets.some(({ path }) => path === STANDARD);
  checkStandardStreams(jobs, toStandard, json);
  for (const folder of folders) await checkWritable(folder, true);
  if (folders.length === 0) {
    for (const { path } of targets) {
      if (path !== STANDARD) await checkReplaceable(path);
    }
  }
  for (const folder of parents(targets)) await checkWritable(folder, false);

  using interrupt = new Interrupt();
  const { signal } = interrupt;
  using bar = json || quiet || !Deno.stderr.isTerminal()
    ? null
    : new ProgressBar(Deno.stderr, jobs.length, () =>
      Deno.consoleSize().columns);
  const report = new Reporter(toStandard ? Deno.stderr : Deno.stdout);
  const say = (line: string): void => {
    bar?.clear();
    report.line(line);
  };
  const tell = (line: string): void => {
    if (!json && !quiet) say(line);
  };

  if (jobs.length > 0) bar?.start(0, jobs[0]!.input);
  await using restorer = await createRestorer(batch.restorer);
  let means = "";
  let done = 0;
  let failed = 0;
  for (let index = 0;; index++) {
    if (index === jobs.length && !signal.aborted) {
      jobs.push(...await batch.more?.(signal) ?? []);
    }
    const job = jobs[index];
    if (job === undefined || signal.aborted) break;
    const { input: path, targets, refusal } = job;
    let result: Work["result"];
    try {
      bar?.start(index, path);
      if (refusal !== undefined) throw refusal;
      using input = await openInput(path);
      const onProgress = (progress: Progress): void => bar?.update(progress);
      const work = await batch.work(
        restorer,
        input.bytes,
        job,
        { signal, onProgress },
      );
      signal.throwIfAborted();
      result = work.result;
      if (targets.length === 0 && writes) throw changedMeanwhile(path);
      for (const [i, { path }] of targets.entries()) {
        if (path === STANDARD) await writeStandardOutput(work.files[i]!);
        else await writeFile(path, work.files[i]!);
      }
    } catch (error) {
      if (signal.aborted) break;
      // The reader of standard output has closed it.
      if (error instanceof Deno.errors.BrokenPipe) throw error;
      const known = asLimpidError(
        error,
        "device-failed",
        `The image could not be worked on (${error}).`,
      );
      if (known.code === "invalid-option") throw known;
      failed++;
      bar?.clear();
      if (json) say(jsonLine(errorObject(path, known)));
      else complain(errorLine(path, known) + "\n");
      continue;
    }
    done++;
    await batch.done?.(path, result);
    const output = targets[0]?.path ?? null;
    if (json) {
      say(jsonLine({
        input: path,
        ...(output !== null && { output }),
        ...resultObject(result),
      }));
    }
    if (writes) tell(resultLine(path, output, result));
    warningLines(result).forEach(tell);
    if (writes && means !== (means = meansLine(result))) tell(means);
  }
  for (const line of batch.end?.() ?? []) say(line);
  if (jobs.length > 1 || skipped.length > 0 || interrupt.code !== null) {
    tell(closing(jobs.length, done, failed, skipped, interrupt.code !== null));
  }
  return interrupt.code ?? (failed > 0 || report.failed ? 1 : 0);
}

/** Refuses a file that was not an image when targets were chosen. */
function changedMeanwhile(path: string): LimpidError {
  return new LimpidError(
    "unreadable",
    `${printable(path)} changed while others were worked on; try it again.`,
  );
}

/**
 * Refuses to read images from a terminal, to write them to one, or to mix them
 * with JSON.
 */
function checkStandardStreams(
  jobs: readonly Job[],
  toStandard: boolean,
  json: boolean,
): void {
  if (jobs.some(({ input }) => input === STANDARD) && Deno.stdin.isTerminal()) {
    throw new LimpidError(
      "invalid-option",
      "Standard input is a terminal; redirect an image to it, as in `limpid restore - < photo.jpg`.",
    );
  }
  if (toStandard && Deno.stdout.isTerminal()) {
    throw new LimpidError(
      "invalid-option",
      "Standard output is a terminal, which cannot show an image; name a file for it.",
    );
  }
  if (toStandard && json) {
    throw new LimpidError(
      "invalid-option",
      "Standard output cannot take both an image and --json; name a file for one of them.",
    );
  }
}

/** The folders of all targets. */
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
  skipped: readonly string[],
  interrupted: boolean,
): string {
  const left = total - done - failed;
  return [
    `${done} done`,
    failed > 0 ? `${failed} failed` : "",
    ...skipped,
    interrupted ? `interrupted, ${left} not done` : "",
  ].filter(Boolean).join(", ");
}
