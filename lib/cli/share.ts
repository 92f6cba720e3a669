/** Which images of many are this process's share, and where their results go. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { LimpidError } from "../errors.ts";
import type { OutputFormat } from "../types.ts";
import type { Environment } from "./args.ts";
import { formatOfName } from "./inputs.ts";
import { printable } from "./terminal.ts";

/** One of several processes that share the work. */
export interface Share {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/**
 * The share that flags name, else Cloud Run's or Kubernetes' own variables.
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

/** Whether an image belongs to a share: by its name, whatever else is there. */
export function belongsTo(name: string, { index, count }: Share): boolean {
  const digest = createHash("sha256").update(name).digest();
  return digest.readUInt32BE(0) % count === index;
}

/**
 * Names of the images in a folder and all folders in it, sorted; hidden ones
 * left out, links not followed.
 *
 * @throws {LimpidError} `unreadable`
 */
export async function imagesUnder(
  folder: string,
  inner = "",
): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(join(folder, inner))) {
      if (entry.name.startsWith(".")) continue;
      const name = inner === "" ? entry.name : `${inner}/${entry.name}`;
      if (entry.isDirectory) names.push(...await imagesUnder(folder, name));
      else if (entry.isFile && formatOfName(name) !== undefined) {
        names.push(name);
      }
    }
  } catch (error) {
    if (error instanceof LimpidError) throw error;
    throw new LimpidError(
      "unreadable",
      `The folder ${
        printable(join(folder, inner))
      } cannot be listed; check its path and permissions.`,
      { cause: error },
    );
  }
  return names.sort((a, b) => a < b ? -1 : 1);
}

/** The result's name and format: the image's own name, with an extension more where the format is another. */
export function resultOf(
  name: string,
  format: OutputFormat | undefined,
): { readonly name: string; readonly format: OutputFormat } {
  const own = formatOfName(name);
  const chosen = format ?? (own === undefined || own === "other" ? "png" : own);
  const extension = chosen === "jpeg" ? "jpg" : chosen;
  return {
    name: own === chosen ? name : `${name}.${extension}`,
    format: chosen,
  };
}
