/** Decides which images are this process's share, and how results are named. */
import { createHash } from "node:crypto";
import { extname, join } from "node:path";
import { LimpidError } from "../errors.ts";
import {
  formatOfExtension,
  FORMATS,
  type InputFormat,
  type OutputFormat,
  ownFormat,
} from "../formats.ts";
import type { Environment } from "../permissions.ts";
import { identity } from "./inputs.ts";
import { isHidden } from "./is_hidden.ts";
import { foldName, type Job } from "./outputs.ts";
import { printable } from "../flags/terminal.ts";
import { faultReason } from "../write_fault.ts";

/** One of several processes that share the work. */
export interface Share {
  /** Counts from 0. */
  readonly index: number;
  readonly count: number;
}

/**
 * The share that the flags name, else the variables of Cloud Run or Kubernetes.
 *
 * @throws {LimpidError} `invalid-option` where there is no such share.
 */
export function shareOf(
  given: { readonly shard?: number; readonly shards?: number },
  environment: Environment,
): Share {
  const variable = (...names: string[]): number | undefined => {
    const text = names.map(environment).find(Boolean);
    return text === undefined ? undefined : Number(text);
  };
  const index = given.shard ??
    variable("CLOUD_RUN_TASK_INDEX", "JOB_COMPLETION_INDEX") ?? 0;
  const count = given.shards ?? variable("CLOUD_RUN_TASK_COUNT") ?? 1;
  if (
    Number.isInteger(index) && Number.isInteger(count) && index >= 0 &&
    index < count
  ) return { index, count };
  throw new LimpidError(
    "invalid-option",
    `There is no share ${index} of ${count}; --shard counts from 0 to one below --shards.`,
  );
}

/** Whether an image belongs to a share; depends on its name only. */
export function belongsTo(name: string, { index, count }: Share): boolean {
  const digest = createHash("sha256").update(name).digest();
  return digest.readUInt32BE(0) % count === index;
}

/** Images in a folder and all its subfolders. */
export interface Found {
  /** Names of the images, sorted. */
  readonly names: readonly string[];
  /** Number of links to folders and special files, which are left out. */
  readonly left: number;
  /** Number of files that are no images by their names. */
  readonly others: number;
  /** Subfolders that cannot be listed, each refused as an image would be. */
  readonly unlisted: readonly Job[];
}

/**
 * Finds the images in a folder and all its subfolders, except hidden ones and
 * those in `except`. A link counts as the file that it leads to; links to
 * folders are not followed; a broken link is reported in its turn, and so is a
 * subfolder that cannot be listed.
 *
 * @throws {LimpidError} `unreadable` for the folder itself
 */
export async function imagesUnder(
  folder: string,
  except: string,
): Promise<Found> {
  const names: string[] = [];
  let left = 0;
  let others = 0;
  const unlisted: Job[] = [];
  const hole = await identity(except);
  const look = async (inner: string): Promise<void> => {
    const here = join(folder, inner);
    try {
      for await (const entry of Deno.readDir(here)) {
        if (isHidden(entry.name)) continue;
        const name = inner === "" ? entry.name : `${inner}/${entry.name}`;
        const path = join(folder, name);
        if (entry.isDirectory) {
          if (await identity(path) !== hole) await look(name);
          continue;
        }
        const info = entry.isFile
          ? entry
          : await Deno.stat(path).catch(() => null);
        if (info?.isDirectory) left++;
        else if (formatOfExtension(extname(name)) === null) others++;
        else if (info?.isFile || info === null) names.push(name);
        else left++;
      }
    } catch (error) {
      if (error instanceof LimpidError) throw error;
      const refusal = new LimpidError(
        "unreadable",
        `The folder ${printable(here)} cannot be listed; ${
          faultReason(error, "check its path and permissions")
        }.`,
        { cause: error },
      );
      if (inner === "") throw refusal;
      unlisted.push({ input: here, targets: [], refusal });
    }
  };
  await look("");
  names.sort((a, b) => a < b ? -1 : 1);
  return { names, left, others, unlisted };
}

/** Name and format of a result. */
export interface Result {
  readonly name: string;
  readonly format: OutputFormat;
  /** Another image whose result has the same name; neither can be written. */
  readonly clash?: string;
}

/**
 * The result of each image: the image's name, with the format's extension added
 * where the format differs. It follows from the image's own name alone, so that
 * what is there already is known for its result, whatever other images come.
 */
export function resultsOf(
  names: readonly string[],
  format: OutputFormat | undefined,
): Map<string, Result> {
  const results = new Map<string, Result>();
  const first = new Map<string, string>();
  for (const image of names) {
    const { own, chosen } = formats(image, format);
    const name = own === chosen ? image : image + FORMATS[chosen].extensions[0];
    const other = first.get(foldName(name));
    if (other === undefined) first.set(foldName(name), image);
    else results.set(other, { ...results.get(other)!, clash: image });
    results.set(image, {
      name,
      format: chosen,
      ...(other !== undefined && { clash: other }),
    });
  }
  return results;
}

function formats(
  name: string,
  format: OutputFormat | undefined,
): { own: InputFormat | "unread" | null; chosen: OutputFormat } {
  const own = formatOfExtension(extname(name));
  const chosen = format ?? ownFormat(own === "unread" ? null : own);
  return { own, chosen };
}
