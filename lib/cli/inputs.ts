/** The images that a command line names: files, the files of folders, standard input. */
import { basename, extname, join } from "node:path";
import { LimpidError } from "../errors.ts";
import type { OutputFormat } from "../types.ts";
import { printable } from "./terminal.ts";

/** `-` on the command line. */
export const STANDARD = "-";

/** Image formats by file name; those that cannot be read are listed so that they are reported, not skipped. */
const EXTENSIONS: Readonly<Record<string, OutputFormat | "other">> = {
  ".png": "png",
  ".jpg": "jpeg",
  ".jpeg": "jpeg",
  ".jpe": "jpeg",
  ".jfif": "jpeg",
  ".webp": "webp",
  ".gif": "other",
  ".tif": "other",
  ".tiff": "other",
  ".bmp": "other",
  ".avif": "other",
  ".heic": "other",
  ".heif": "other",
  ".jxl": "other",
};

/** The format that a file's name promises; `undefined` for no image's name. */
export function formatOfName(path: string): OutputFormat | "other" | undefined {
  return EXTENSIONS[extname(path).toLowerCase()];
}

/** What the inputs of a command come to. */
export interface Inputs {
  /** Paths of files, or `-`, each once, in the order given; folders by name. */
  readonly paths: readonly string[];
  /** Whether one of them was a folder. */
  readonly folder: boolean;
  /** Files in those folders that are no images by their name. */
  readonly skipped: number;
}

/**
 * Finds the images. A folder stands for the images directly in it, hidden files
 * left out. Files named one by one are taken whatever their name, even where
 * they do not exist: that is told when their turn comes, the others are done.
 *
 * @throws {LimpidError} `invalid-option` where nothing is named;
 * `unreadable` where a folder cannot be listed; `not-found` where the folders
 * hold no images.
 */
export async function findInputs(named: readonly string[]): Promise<Inputs> {
  if (named.length === 0) {
    throw new LimpidError(
      "invalid-option",
      "No input is named; give image files, folders, or - for standard input.",
    );
  }
  const paths = new Map<string, string>();
  let folder = false;
  let skipped = 0;
  for (const path of named) {
    if (path === STANDARD || !await isFolder(path)) {
      paths.set(await identity(path), path);
      continue;
    }
    folder = true;
    for (const name of await filesIn(path)) {
      const file = join(path, name);
      if (formatOfName(name) === undefined) skipped++;
      else paths.set(await identity(file), file);
    }
  }
  if (paths.size === 0) {
    throw new LimpidError(
      "not-found",
      `${printable(named.join(", "))} holds no images; their names end in ${
        Object.keys(EXTENSIONS).slice(0, 7).join(", ")
      }.`,
    );
  }
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

/** Names of the regular files directly in a folder, sorted, hidden ones left out. */
async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      // A link counts as what it leads to, a pipe or a device as nothing.
      const info = await Deno.stat(join(folder, name)).catch(() => null);
      if (info?.isFile && !name.startsWith(".")) names.push(name);
    }
  } catch (error) {
    throw new LimpidError(
      "unreadable",
      `The folder ${
        printable(folder)
      } cannot be listed; check its permissions.`,
      { cause: error },
    );
  }
  return names.sort((a, b) => a < b ? -1 : 1);
}

/** The bytes of an input as they come; dispose of it when done. */
export interface OpenInput extends Disposable {
  readonly bytes: ReadableStream<Uint8Array>;
}

/**
 * Opens one of {@linkcode Inputs.paths}.
 *
 * @throws {LimpidError} `not-found`, `unreadable`
 */
export async function openInput(path: string): Promise<OpenInput> {
  if (path === STANDARD) {
    return { bytes: Deno.stdin.readable, [Symbol.dispose]: () => {} };
  }
  const name = printable(path);
  try {
    const file = await Deno.open(path);
    return {
      bytes: file.readable,
      [Symbol.dispose]: () => file[Symbol.dispose](),
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new LimpidError("not-found", `There is no file ${name}.`, {
        cause: error,
      });
    }
    throw new LimpidError(
      "unreadable",
      `${name} cannot be read; check its permissions.`,
      { cause: error },
    );
  }
}

/** The name of an input without folder and extension. */
export function stem(path: string): string {
  return path === STANDARD ? "stdin" : basename(path, extname(path));
}
