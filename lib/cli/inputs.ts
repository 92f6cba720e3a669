/** The images that a command line names: files, the files of folders, standard input. */
import { basename, extname, join } from "node:path";
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
import { faultReason } from "../flags/write_fault.ts";

/** `-` on the command line. */
export const STANDARD = "-";

/** What the inputs of a command come to. */
export interface Inputs {
  /** Paths of files, or `-`, each once, in the order given; folders by name. */
  readonly paths: readonly string[];
  /** Whether one of them was a folder. */
  readonly folder: boolean;
  /** What was left out, a few words each, to be told. */
  readonly skipped: readonly string[];
}

/**
 * Finds the images. A folder stands for the images directly in it, hidden files
 * left out. Files named one by one are taken whatever their name, even where
 * they do not exist: that is told when their turn comes, the others are done.
 *
 * @param mayBeEmpty Whether folders may hold no images, as more are to come.
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
      // Different names that are no UTF-8 may look the same.
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

/** The same for every way to name the same file, existing or not. */
export async function identity(path: string): Promise<string> {
  if (path === STANDARD) return path;
  try {
    return await Deno.realPath(path);
  } catch {
    return path;
  }
}

/** Whether the path is a folder; what does not exist is none. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

/** What is directly in a folder. */
interface Entry {
  readonly name: string;
  /** `lost`: a link that leads nowhere, or a name that cannot be asked for. */
  readonly kind: "file" | "folder" | "device" | "lost";
}

/** What is directly in a folder, sorted, hidden names left out. A link counts as what it leads to. */
async function entriesOf(folder: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.startsWith(".")) continue;
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

/** The bytes of an input as they come; dispose of it when done. */
export interface OpenInput extends Disposable {
  readonly bytes: ReadableStream<Uint8Array>;
}

/** Inputs whose beginning was looked at and that cannot be read twice: pipes, standard input. */
const begun = new Map<string, OpenInput>();

/** How much of an input tells its format. */
const BEGINNING = 16;

/**
 * The format that an input's first bytes promise; `null` where it is none that
 * is read, or cannot be opened: that is told when its turn comes.
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

/** Reads the beginning of an input, and gives all of it back. */
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
  try {
    const file = await Deno.open(path);
    return {
      bytes: file.readable,
      [Symbol.dispose]: () => file[Symbol.dispose](),
    };
  } catch (error) {
    throw await openingFault(path, error);
  }
}

async function openingFault(
  path: string,
  error: unknown,
): Promise<LimpidError> {
  const name = printable(path);
  const found = (code: ErrorCode, message: string): LimpidError =>
    new LimpidError(code, message, { cause: error });
  if (!(error instanceof Deno.errors.NotFound)) {
    const why = faultReason(error, "check its permissions");
    return found("unreadable", `${name} cannot be read; ${why}.`);
  }
  const info = await Deno.lstat(path).catch(() => null);
  if (info?.isSymlink) {
    return found("not-found", `${name} is a link to a file that is not there.`);
  }
  // Deno puts this character for bytes that are no UTF-8, and cannot ask for them.
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
