/** Describes a result in headers. */
import { roundedShare, SHARE_DIGITS } from "../../result_object.ts";
import type { MaskResult, RestoreResult } from "../../types.ts";
import { sha256 } from "../sha256.ts";

type Result = MaskResult | RestoreResult;

/** All headers that tell of a result; pages of other origins may read them. */
export const RESULT_HEADERS = [
  "x-limpid-task",
  "x-limpid-tasks",
  "x-limpid-restored",
  "x-limpid-confidence",
  "x-limpid-probabilities",
  "x-limpid-coverage",
  "x-limpid-severity",
  "x-limpid-device",
  "x-limpid-size",
  "x-limpid-models",
  "x-limpid-tiles",
  "x-limpid-identical-pixels",
  "x-limpid-warnings",
] as const;

const share = (value: number): string =>
  roundedShare(value).toFixed(SHARE_DIGITS);

/** Headers of every answer with an image. */
export function resultHeaders(
  result: Result,
): Partial<Record<typeof RESULT_HEADERS[number], string>> {
  return {
    "x-limpid-task": result.task,
    "x-limpid-tasks": result.tasks.join(", ") || "clean",
    "x-limpid-confidence": result.confidence.toFixed(4),
    "x-limpid-probabilities": Object.entries(result.probabilities)
      .map(([kind, probability]) => `${kind}=${probability.toFixed(4)}`)
      .join(", "),
    "x-limpid-coverage": share(result.coverage),
    "x-limpid-severity": result.severity.toFixed(4),
    "x-limpid-device": result.device,
    "x-limpid-size": result.size,
    "x-limpid-models": result.models.map(({ id, sha256 }) => `${id}=${sha256}`)
      .join(", "),
    ...("tiles" in result
      ? {
        "x-limpid-identical-pixels": share(result.identicalPixels),
        "x-limpid-restored": result.restored.join(", ") || "nothing",
        "x-limpid-tiles": `${result.tiles.restored}/${result.tiles.total}`,
      }
      : {}),
    ...(result.warnings.length > 0
      ? { "x-limpid-warnings": headerText(result.warnings.join(" ")) }
      : {}),
  };
}

/** Text for a header: printable ASCII, at most 1000 characters. */
function headerText(text: string): string {
  return text.replace(/[^ -~]/g, "?").slice(0, 1000);
}

/** A Content-Digest header (RFC 9530). */
export async function contentDigest(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  return `sha-256=:${(await sha256(bytes)).toBase64()}:`;
}
