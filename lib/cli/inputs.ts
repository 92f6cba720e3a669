/**
 * Finds and opens the images that a command line names: files, the files of
 * folders, standard input.
 */
import { basename, dirname, extname, join, resolve } from "node:path";
import { copyBytes } from "../pixels/copy_bytes.ts";
import { type ErrorCode, LimpidError } from "../errors.ts";
import {
  formatOf,
  formatOfExtension,
  FORMATS,
  INPUT_FORMATS,
  type InputFormat,
} from "../formats.ts";
import { printable } from "../flags/terminal.ts";
import { faultReason } from "../write_fault.ts";
import { isHidden } from "./is_hidden.ts";

/** Stands for standard input and output. */
export const STANDARD = "-";

/** The inputs of a command. */
export interface Inputs {
  /**
   * Paths of files, or `-`, each once, in the given order; those of a folder
   * are sorted by name.
   */
  readonly paths: readonly string[];
  /** Whether one of them was a folder. */
  readonly folder: boolean;
  /** What was left out, in a few words each, for the report. */
  readonly skipped: readonly string[];
}

/**
 * Finds the images. A folder stands for the images directly in it, without
 * hidden files. Files named individually are taken whatever their name, even if
 * they do not exist: that is reported in their turn, and the others are
 * processed.
 *
 * @param mayBeEmpty Whether folders may hold no images yet.
 * @throws {LimpidError} `invalid-option` where nothing is named;
 * `unreadable` where a folder cannot be listed; `not-found` where the folders
 * hold no images.
 */
export async function findInputs(
  named: readonly string[],
  mayBeEmpty = false,
): Promise<Inputs> {
  if (named.length === 0) {
    throw new LimpidError(
      "invalid-option",
      "No input is named; give image files, folders, or - for standard input.",
    );
  }
  const paths = new Map<string, string>();
  let folder = false;
  let others = 0;
  let folders = 0;
  let devices = 0;
  let twice = 0;
  const add = (key: string, path: string): void => {
    if (paths.has(key)) twice++;
    else paths.set(key, path);
  };
  for (const path of named) {
    if (path === STANDARD || !await isFolder(path)) {
      add(await identity(path), path);
      continue;
    }
    folder = true;
    for (const { name, kind } of await entriesOf(path)) {
      const file = join(path, name);
      if (kind === "folder") folders++;
      else if (formatOfExtension(extname(name)) === null) others++;
      else if (kind === "device") devices++;
      // Different names that are not UTF-8 may read the same.
      else if (kind === "lost") add(`${file}\0${paths.size}`, file);
      else add(await identity(file), file);
    }
  }
  if (paths.size === 0 && !mayBeEmpty) {
    throw new LimpidError(
      "not-found",
      `${printable(named.join(", "))} holds no images; their names end in ${
        INPUT_FORMATS.flatMap((format) => FORMATS[format].extensions).join(", ")
      }.`,
    );
  }
  const skipped = [
    others > 0 ? `${others} skipped (no images by their names)` : "",
    devices > 0 ? `${devices} skipped (no regular files)` : "",
    folders > 0 ? `${folders} skipped (folders in a folder)` : "",
    twice > 0 ? `${twice} skipped (the same as another)` : "",
  ].filter(Boolean);
  return { paths: [...paths.values()], folder, skipped };
}

/** Added to the stem of a result beside its input. */
export const BESIDE = "-restored";

/**
 * The inputs without results of an earlier run: those that are beside their own
 * input.
 */
export async function withoutResults(inputs: Inputs): Promise<Inputs> {
  const nameOf = (path: string): string =>
    join(dirname(resolve(path)), stem(path));
  const names = new Set<string>();
  for (const path of inputs.paths) {
    if (await isFile(path)) names.add(nameOf(path));
  }
  const paths = inputs.paths.filter((path) => {
    const name = nameOf(path);
    return !name.endsWith(BESIDE) || !names.has(name.slice(0, -BESIDE.length));
  });
  const results = inputs.paths.length - paths.length;
  if (results === 0) return inputs;
  const skipped = `${results} skipped (results of an earlier run)`;
  return { ...inputs, paths, skipped: [...inputs.skipped, skipped] };
}

/** Whether there is anything at a path, a broken link too. */
export async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).catch(() => null) !== null;
}

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => null))?.isFile ?? false;
}

/** One text for all paths to a file; for a missing file the path itself. */
export async function identity(path: string): Promise<string> {
  return path === STANDARD ? path : await Deno.realPath(path).catch(() => path);
}

/** Whether the path is an existing folder. */
export async function isFolder(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => null))?.isDirectory ?? false;
}

/** An entry directly in a folder. */
interface Entry {
  readonly name: string;
  /** `lost`: a broken link, or a name that Deno cannot pass on. */
  readonly kind: "file" | "folder" | "device" | "lost";
}

/**
 * The entries directly in a folder, sorted, without hidden names. A link counts
 * as its target.
 */
async function entriesOf(folder: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (isHidden(name)) continue;
      const info = await Deno.stat(join(folder, name)).catch(() => null);
      const kind = info === null
        ? "lost"
        : info.isFile
        ? "file"
        : info.isDirectory
        ? "folder"
        : "device";
      entries.push({ name, kind });
    }
  } catch (error) {
    throw new LimpidError(
      "unreadable",
      `The folder ${printable(folder)} cannot be listed; ${
        faultReason(error, "check its permissions")
      }.`,
      { cause: error },
    );
  }
  return entries.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** The stream of an input; dispose of it when done. */
export interface OpenInput extends Disposable {
  readonly bytes: ReadableStream<Uint8Array>;
}

/**
 * Inputs whose beginning was read and that cannot be opened twice: pipes,
 * standard input.
 */
const begun = new Map<string, OpenInput>();

/** Bytes of an input that tell its format. */
const BEGINNING = 16;

/**
 * The format according to an input's first bytes; `null` where it is not read
 * or the input cannot be opened, which is reported in its turn.
 */
export async function formatOfContent(
  path: string,
): Promise<InputFormat | null> {
  const info = path === STANDARD
    ? null
    : await Deno.stat(path).catch(() => null);
  if (path !== STANDARD && info === null) return null;
  try {
    const { start, input } = await peek(await openInput(path));
    if (info?.isFile) input[Symbol.dispose]();
    else begun.set(path, input);
    return formatOf(start);
  } catch {
    return null;
  }
}

/** Reads the beginning of an input; the returned input still has all bytes. */
async function peek(
  { bytes, [Symbol.dispose]: dispose }: OpenInput,
): Promise<{ start: Uint8Array; input: OpenInput }> {
  const reader = bytes.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < BEGINNING) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  const rest = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const chunk = chunks.shift();
      if (chunk !== undefined) return controller.enqueue(chunk);
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return {
    start: await copyBytes(chunks),
    input: { bytes: rest, [Symbol.dispose]: dispose },
  };
}

/**
 * Opens one of {@linkcode Inputs.paths}.
 *
 * @throws {LimpidError} `not-found`, `unreadable`
 */
export async function openInput(path: string): Promise<OpenInput> {
  const open = begun.get(path);
  if (open !== undefined) {
    begun.delete(path);
    return open;
  }
  if (path === STANDARD) {
    return { bytes: Deno.stdin.readable, [Symbol.dispose]: () => {} };
  }
  const file = await Deno.open(path).catch(async (error) => {
    throw await openingFault(path, error);
  });
  if ((await file.stat()).isDirectory) {
    file.close();
    throw new LimpidError(
      "unreadable",
      `${printable(path)} is a folder; name a file in it.`,
    );
  }
  return {
    bytes: file.readable,
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

async function openingFault(
  path: string,
  error: unknown,
): Promise<LimpidError> {
  const name = printable(path);
  const found = (code: ErrorCode, message: string): LimpidError =>
    new LimpidError(code, message, { cause: error });
  if (!(error instanceof Deno.errors.NotFound)) {
    const why = error instanceof Deno.errors.NotCapable
      ? "Deno does not allow it, run it with --allow-read, or pipe the image and name -"
      : faultReason(error, "check its permissions");
    return found("unreadable", `${name} cannot be read; ${why}.`);
  }
  const info = await Deno.lstat(path).catch(() => null);
  if (info?.isSymlink) {
    return found("not-found", `${name} is a link to a file that is not there.`);
  }
  // Deno replaces bytes that are not UTF-8 by this character, and cannot open
  // such names.
  if (path.includes("\ufffd")) {
    return found(
      "unreadable",
      `${name} cannot be read; its name is not UTF-8, rename it.`,
    );
  }
  return found("not-found", `There is no file ${name}.`);
}

/** The name of an input without folder and extension. */
export function stem(path: string): string {
  return path === STANDARD ? "stdin" : basename(path, extname(path));
}
