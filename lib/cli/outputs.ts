/** Where each result goes, settled before any work is done. */
import { join, sep } from "node:path";
import { LimpidError } from "../errors.ts";
import type { OutputFormat } from "../types.ts";
import {
  formatOfName,
  identity,
  type Inputs,
  isFolder,
  STANDARD,
  stem,
} from "./inputs.ts";
import { printable } from "./terminal.ts";

/** Where a result goes, and as what. */
export interface Target {
  /** A file's path, or `-`. */
  readonly path: string;
  /** `undefined`: as the library chooses, the input's own. */
  readonly format: OutputFormat | undefined;
}

const EXTENSION: Readonly<Record<OutputFormat, string>> = {
  png: ".png",
  jpeg: ".jpg",
  webp: ".webp",
};

/**
 * The target of each input. With several inputs, a folder among them, or an
 * existing folder as `out`, `out` is a folder: files keep their stem and take
 * their format's extension. Otherwise `out` is the file, and its extension
 * says the format.
 *
 * @param out A path, or `-` for standard output.
 * @param format What was asked for; else a file's name decides.
 * @param flag The flag that `out` came from, to be named in errors.
 * @throws {LimpidError} `invalid-option` where `out` cannot hold the results,
 * or its extension is at odds with `format`.
 */
export async function targetsOf(
  { paths, folder }: Inputs,
  out: string,
  format: OutputFormat | undefined,
  flag: string,
): Promise<{ targets: readonly Target[]; folder: string | null }> {
  const several = folder || paths.length > 1;
  if (several && out === STANDARD) {
    throw new LimpidError(
      "invalid-option",
      `${flag} - takes one image, not several or a folder; name a folder instead.`,
    );
  }
  if (
    several || (out !== STANDARD && (endsAsFolder(out) || await isFolder(out)))
  ) {
    const targets = paths.map((path): Target => {
      const chosen = format ?? ownFormat(path);
      return {
        path: join(out, stem(path) + EXTENSION[chosen]),
        format: chosen,
      };
    });
    return { targets, folder: out };
  }
  return { targets: [fileTarget(out, format, flag)], folder: null };
}

function endsAsFolder(path: string): boolean {
  return path.endsWith("/") || path.endsWith(sep);
}

/** What an input is written as when nobody says: as what its name promises, else PNG. */
function ownFormat(path: string): OutputFormat {
  const promised = formatOfName(path);
  return promised === undefined || promised === "other" ? "png" : promised;
}

function fileTarget(
  out: string,
  format: OutputFormat | undefined,
  flag: string,
): Target {
  const promised = out === STANDARD ? undefined : formatOfName(out);
  if (promised === "other") {
    throw new LimpidError(
      "invalid-option",
      `${flag} ${
        printable(out)
      } is of a format that is not written; use .png, .jpg or .webp.`,
    );
  }
  if (format !== undefined && promised !== undefined && format !== promised) {
    throw new LimpidError(
      "invalid-option",
      `${flag} ${
        printable(out)
      } ends like a ${promised} file, but the format is ${format}; make them agree.`,
    );
  }
  return { path: out, format: format ?? promised };
}

/**
 * Sees to it that no result is written over another or over an input.
 *
 * @param overwrite Whether a result may replace an input.
 * @throws {LimpidError} `invalid-option`
 */
export async function checkTargets(
  inputs: readonly string[],
  targets: readonly Target[],
  overwrite: boolean,
): Promise<void> {
  const from = new Set(await Promise.all(inputs.map(identity)));
  const seen = new Set<string>();
  for (const { path } of targets) {
    const key = foldCase(path === STANDARD ? path : join(path));
    if (seen.has(key)) {
      throw new LimpidError(
        "invalid-option",
        `Two results would be written to ${
          printable(path)
        }; rename one of the inputs, or restore them one at a time.`,
      );
    }
    seen.add(key);
    if (!overwrite && path !== STANDARD && from.has(await identity(path))) {
      throw new LimpidError(
        "invalid-option",
        `The result would be written over its own input ${
          printable(path)
        }; choose another place, or add --overwrite.`,
      );
    }
  }
}

/** Names that differ in case only are one file on these systems. */
function foldCase(path: string): string {
  return ["darwin", "windows"].includes(Deno.build.os)
    ? path.toLowerCase()
    : path;
}
