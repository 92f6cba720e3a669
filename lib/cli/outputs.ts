/** Decides where each result goes, before any work is done. */
import { basename, dirname, extname, join, resolve, sep } from "node:path";
import { LimpidError } from "../errors.ts";
import {
  formatOfExtension,
  FORMATS,
  type OutputFormat,
  ownFormat,
  promisedFormat,
} from "../formats.ts";
import {
  BESIDE,
  formatOfContent,
  identity,
  type Inputs,
  isFolder,
  STANDARD,
  stem,
} from "./inputs.ts";
import { printable } from "../flags/terminal.ts";

/** Path and format of a result. */
export interface Target {
  /** A file's path, or `-`. */
  readonly path: string;
  /** `undefined`: the library chooses the input's own format. */
  readonly format: OutputFormat | undefined;
}

/**
 * The target of each input; `null` for an input of a format that is not read.
 * With several inputs, with a folder as input, or where `out` is an existing
 * folder, `out` is a folder: files keep their stem and take their format's
 * extension. Otherwise `out` is the file, and its extension determines the
 * format.
 *
 * @param out A path, or `-` for standard output.
 * @param format The format asked for, if any.
 * @param flag The flag that `out` came from, for messages.
 * @throws {LimpidError} `invalid-option` where `out` cannot hold the results,
 * or its extension contradicts `format`.
 */
export async function targetsOf(
  { paths, folder }: Inputs,
  out: string,
  format: OutputFormat | undefined,
  flag: string,
): Promise<{ targets: readonly (Target | null)[]; folder: string | null }> {
  const several = folder || paths.length > 1;
  if (several && out === STANDARD) {
    throw new LimpidError(
      "invalid-option",
      `${flag} - takes one image, not several or a folder; name a folder instead.`,
    );
  }
  const isPlace = endsAsFolder(out) || await isFolder(out);
  if (several && !isPlace && formatOfExtension(extname(out)) !== null) {
    throw new LimpidError(
      "invalid-option",
      `${flag} ${
        printable(out)
      } is named as one image, but there are several inputs or a folder; name a folder, or end it with /.`,
    );
  }
  if (several || (out !== STANDARD && isPlace)) {
    const targets: (Target | null)[] = [];
    for (const path of paths) {
      const own = await formatOfContent(path);
      const chosen = format ?? (own === null ? null : ownFormat(own));
      targets.push(
        own === null || chosen === null ? null : {
          path: join(out, stem(path) + FORMATS[chosen].extensions[0]),
          format: chosen,
        },
      );
    }
    return { targets, folder: out };
  }
  return { targets: [fileTarget(out, format, flag)], folder: null };
}

/**
 * The target of each input, beside it: `photo-restored.jpg` for `photo.jpg`.
 *
 * @throws {LimpidError} `invalid-option` for standard input, which has no path
 */
export async function targetsBeside(
  { paths }: Inputs,
  format: OutputFormat | undefined,
): Promise<readonly (Target | null)[]> {
  const targets: (Target | null)[] = [];
  for (const path of paths) {
    if (path === STANDARD) {
      throw new LimpidError(
        "invalid-option",
        "Standard input has no place for its result; add -o OUT.",
      );
    }
    const own = await formatOfContent(path);
    if (own === null) {
      targets.push(null);
      continue;
    }
    const chosen = format ?? ownFormat(own);
    const extension = FORMATS[chosen].extensions.includes(
        extname(path).toLowerCase(),
      )
      ? extname(path)
      : FORMATS[chosen].extensions[0];
    targets.push({
      path: join(dirname(path), stem(path) + BESIDE + extension),
      format: chosen,
    });
  }
  return targets;
}

function endsAsFolder(path: string): boolean {
  return path.endsWith("/") || path.endsWith(sep);
}

function fileTarget(
  out: string,
  format: OutputFormat | undefined,
  flag: string,
): Target {
  if (out === STANDARD) return { path: out, format };
  const named = promisedFormat(
    out,
    format ?? null,
    `${flag} ${printable(out)}`,
  );
  return { path: out, format: named ?? undefined };
}

/** One input and its outputs. */
export interface Job {
  readonly input: string;
  /** Every file that will be written; reports name the first. */
  readonly targets: readonly Target[];
  /** Why the job is refused; reported in its turn. */
  readonly refusal?: LimpidError;
}

/**
 * Whether all results of a job are there and none is older than its input, which
 * may have been replaced. What cannot be looked at is not done: its fault is told
 * in its turn. An input that is dated in the future says nothing.
 */
export async function isDone({ input, targets }: Job): Promise<boolean> {
  const look = (path: string): Promise<Deno.FileInfo | null> =>
    Deno.stat(path).catch(() => null);
  const from = await look(input);
  if (from === null) return false;
  const made = from.mtime !== null && from.mtime.getTime() < Date.now()
    ? from.mtime
    : null;
  for (const { path } of targets) {
    const result = await look(path);
    if (result === null) return false;
    if (made !== null && result.mtime !== null && result.mtime < made) {
      return false;
    }
  }
  return targets.length > 0;
}

/** Files that a run has beside its images: one that it reads, one that it writes. */
export interface Beside {
  readonly mask?: string | undefined;
  readonly report?: string | undefined;
}

/**
 * Ensures that nothing is written over an input, nor over what else the run
 * writes: the first job with a target is done, later ones are refused.
 *
 * @param outputs The targets of all inputs, a list for each kind of result.
 * @param overwrite Whether a result may replace its own input.
 * @param taken Inputs by the places of their results, in this run so far; these are added.
 * @throws {LimpidError} `invalid-option`
 */
export async function jobsOf(
  inputs: readonly string[],
  outputs: readonly (readonly (Target | null)[])[],
  overwrite: boolean,
  { mask, report }: Beside = {},
  taken: Map<string, string> = new Map(),
): Promise<Job[]> {
  const from = new Map<string, string>();
  for (const path of inputs) from.set(await identity(path), path);
  const beside = new Map<string, string>();
  if (mask !== undefined) beside.set(await identity(mask), "the mask");
  if (report !== undefined) {
    if (report === STANDARD) {
      throw new LimpidError(
        "invalid-option",
        "--report is a file, and - is standard output; name a page, such as report.html.",
      );
    }
    if (formatOfExtension(extname(report)) !== null) {
      throw new LimpidError(
        "invalid-option",
        `--report ${
          printable(report)
        } is named as an image; name it as a page, such as report.html.`,
      );
    }
    const place = await identity(report);
    if (from.has(place)) throw over("report", "the input", report);
    if (beside.has(place)) throw over("report", "the mask", report);
    beside.set(place, "the report");
    beside.set(await placeOf(report), "the report");
  }
  const jobs: Job[] = [];
  for (const [i, input] of inputs.entries()) {
    const targets = outputs.map((of) => of[i]!).filter((t) => t !== null);
    let refusal: LimpidError | undefined;
    for (const { path } of targets) {
      if (path === STANDARD) continue;
      const replaced = from.get(await identity(path));
      if (replaced !== undefined && !overwrite) throw ownInput(path);
      const at = await placeOf(path);
      const lost = beside.get(await identity(path)) ?? beside.get(at);
      if (lost !== undefined) throw over("result", lost, path);
      const other = taken.get(at);
      refusal ??= other !== undefined && other !== input
        ? sameResult(path, other)
        : replaced !== undefined && replaced !== input
        ? anotherInput(path)
        : undefined;
    }
    if (targets.filter(({ path }) => path === STANDARD).length > 1) {
      throw sameOutputs(STANDARD);
    }
    if (refusal === undefined) {
      const own = new Set<string>();
      for (const { path } of targets) {
        if (path === STANDARD) continue;
        const at = await placeOf(path);
        if (own.has(at)) throw sameOutputs(path);
        own.add(at);
        taken.set(at, input);
      }
      jobs.push({ input, targets });
    } else jobs.push({ input, targets: [], refusal });
  }
  return jobs;
}

/** Refuses a file that would replace another one of the same run. */
function over(what: string, lost: string, path: string): LimpidError {
  return new LimpidError(
    "invalid-option",
    `The ${what} would be written over ${lost} ${
      printable(path)
    }; choose another place.`,
  );
}

function ownInput(path: string): LimpidError {
  return new LimpidError(
    "invalid-option",
    `The result would be written over its own input ${
      printable(path)
    }; choose another place, or add --overwrite.`,
  );
}

function sameOutputs(path: string): LimpidError {
  return new LimpidError(
    "invalid-option",
    `Image and mask would both be written to ${
      printable(path)
    }; choose another place for one of them.`,
  );
}

/** Refuses a result that would be written where that of another image is. */
export function sameResult(path: string, other: string): LimpidError {
  return new LimpidError(
    "unwritable",
    `Its result would be written to ${printable(path)}, as that of ${
      printable(other)
    } is; rename one of the two, or restore it alone.`,
  );
}

/** Refuses a result that would replace another input. */
export function anotherInput(path: string): LimpidError {
  return new LimpidError(
    "unwritable",
    `Its result would be written over another input, ${
      printable(path)
    }; choose another place.`,
  );
}

/** One text for all paths to a place, whether there is something or not. */
async function placeOf(path: string): Promise<string> {
  const whole = resolve(path);
  return foldName(join(await identity(dirname(whole)), basename(whole)));
}

/**
 * One text for all names of a file: on macOS and Windows they may differ in
 * case, on macOS also in how accents are composed.
 */
export function foldName(
  path: string,
  os: typeof Deno.build.os = Deno.build.os,
): string {
  return os === "darwin"
    ? path.normalize("NFC").toLowerCase()
    : os === "windows"
    ? path.toLowerCase()
    : path;
}
