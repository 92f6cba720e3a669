/** Images in turn: read, worked on, written, told. */
import { asLimpidError, LimpidError } from "../errors.ts";
import type {
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
  prepareFolder,
  writeFile,
  writeStandardOutput,
} from "./write_file.ts";
import { dirname } from "node:path";
import type { Job, Target } from "./outputs.ts";

/** Exit code for an invalid command line. */
export const USAGE = 2;

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
  /** Called after each image that failed; returns whether it did so before, which is not told again. */
  readonly failed?: (job: Job, error: LimpidError) => Promise<boolean>;
  /** Returns lines to print at the end. */
  readonly end?: () => readonly string[];
  /** Waits for more jobs when all are done; none once the signal aborts. */
  readonly more?: (signal: AbortSignal) => Promise<readonly Job[]>;
  /** Processes one image. */
  readonly work: (
    restorer: Restorer,
    input: ReadableStream<Uint8Array>,
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
  /** Called once the image has succeeded, its outputs written. */
  readonly done?: () => Promise<void> | void;
}

/**
 * Images that are under way at once: while the device works on one, the next
 * is decoded and the one before encoded. Their tiles take turns on it.
 */
const AT_ONCE = 2;

/** An image that is under way. */
interface Begun {
  readonly job: Job;
  /** How far it is. */
  readonly shown: { readonly progress?: Progress };
  readonly outcome: ReturnType<typeof workOn>;
}

/**
 * Works through a batch; results are written and told in order. An image that fails is told of, and the next one is
 * begun; an interruption ends the batch.
 *
 * @returns the exit code: 0, 1 where an image failed, 2 where the options fit none, 130 or 143 on an interruption
 * @throws {LimpidError} where no image can succeed: `invalid-option` for streams,
 * `unwritable`, `device-unavailable`, `model-missing`, `model-corrupt`
 */
export async function runBatch(batch: Batch): Promise<number> {
  const { jobs, skipped, folders, json, quiet, writes = true } = batch;
  const targets = jobs.flatMap((job) => job.targets);
  const toStandard = targets.some(({ path }) => path === STANDARD);
  checkStandardStreams(jobs, toStandard, json);
  for (const folder of folders) await prepareFolder(folder, true);
  if (folders.length === 0) {
    for (const { path } of targets) {
      if (path !== STANDARD) await checkReplaceable(path);
    }
  }
  for (const folder of parents(targets)) await prepareFolder(folder, false);

  using interrupt = new Interrupt();
  const { signal } = interrupt;
  using bar = json || quiet || !Deno.stderr.isTerminal()
    ? null
    : new ProgressBar(Deno.stderr, () => Deno.consoleSize().columns);
  const report = new Reporter(toStandard ? Deno.stderr : Deno.stdout, signal);
  const say = async (line: string): Promise<void> => {
    bar?.clear();
    await report.line(line);
  };
  const tell = async (line: string): Promise<void> => {
    if (!json && !quiet) await say(line);
  };

  bar?.begin(jobs.length);
  if (jobs.length > 0) bar?.start(0, jobs[0]!.input);
  await using restorer = await createRestorer(batch.restorer);
  /** The image that is told next; the bar shows it. */
  let front = 0;
  const began: Begun[] = [];
  /** Those that have not begun; none is kept longer, since a watch may go on for months. */
  let coming = jobs.values();
  let total = jobs.length;
  /** Images before those that are coming; the bar counts from there. */
  let earlier = 0;
  const begin = (job: Job): void => {
    const index = front + began.length;
    const shown: { progress?: Progress } = {};
    const onProgress = (progress: Progress): void => {
      shown.progress = progress;
      if (index === front) bar?.update(progress);
    };
    const outcome = workOn(batch, restorer, job, { signal, onProgress });
    began.push({ job, shown, outcome });
  };
  const beginSome = (): void => {
    while (!signal.aborted && began.length < AT_ONCE) {
      const { value: job } = coming.next();
      if (job === undefined) return;
      begin(job);
    }
  };
  const told = new Set<string>();
  let done = 0;
  /** Inputs that failed and have not succeeded since. */
  const failed = new Set<string>();
  /** How often an option did not fit an image. */
  let unfit = 0;
  for (;; front++) {
    beginSome();
    if (began.length === 0 && !signal.aborted) {
      const more = await batch.more?.(signal) ?? [];
      coming = more.values();
      earlier = total;
      total += more.length;
      bar?.begin(more.length);
      beginSome();
    }
    const first = began.shift();
    if (first === undefined || signal.aborted) break;
    const { job, shown, outcome } = first;
    const { input: path, targets } = job;
    let work: Work;
    try {
      bar?.start(front - earlier, path);
      if (shown.progress !== undefined) bar?.update(shown.progress);
      const ended = await outcome;
      if ("error" in ended) throw ended.error;
      signal.throwIfAborted();
      work = ended;
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
      failed.add(path);
      if (await batch.failed?.(job, known)) continue;
      if (known.code === "invalid-option") unfit++;
      bar?.clear();
      if (json) await say(jsonLine(errorObject(path, known)));
      else complain(errorLine(path, known) + "\n");
      continue;
    }
    const { result } = work;
    done++;
    failed.delete(path);
    await work.done?.();
    const output = targets[0]?.path ?? null;
    if (json) {
      await say(jsonLine({
        input: path,
        ...(output !== null && { output }),
        ...resultObject(result),
      }));
    }
    if (writes) await tell(resultLine(path, output, result));
    for (const line of warningLines(result)) await tell(line);
    const means = writes ? meansLine(result, told) : null;
    if (means !== null) await tell(means);
  }
  for (const line of batch.end?.() ?? []) await say(line);
  if (total > 1 || skipped.length > 0 || interrupt.code !== null) {
    await tell(
      closing(
        done,
        failed.size,
        skipped,
        interrupt.code === null ? null : total - front,
      ),
    );
  }
  // Options that fit no image make no sense.
  if (interrupt.code === null && unfit > 0 && unfit === total) {
    return USAGE;
  }
  return interrupt.code ?? (failed.size > 0 || report.failed ? 1 : 0);
}

/** Works on an image; does not throw, since another may be told first. */
async function workOn(
  batch: Batch,
  restorer: Restorer,
  job: Job,
  control: Parameters<Batch["work"]>[3],
): Promise<Work | { readonly error: unknown }> {
  try {
    if (job.refusal !== undefined) throw job.refusal;
    using input = await openInput(job.input);
    return await batch.work(restorer, input.bytes, job, control);
  } catch (error) {
    return { error };
  }
}

/** For a file that was no image when its result's name was chosen. */
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

/** @param left How many an interruption left; `null` without one. */
function closing(
  done: number,
  failed: number,
  skipped: readonly string[],
  left: number | null,
): string {
  return [
    `${done} done`,
    failed > 0 ? `${failed} failed` : "",
    ...skipped,
    left === null ? "" : `interrupted, ${left} not done`,
  ].filter(Boolean).join(", ");
}
