/** What is said of a result: headers, and a JSON object. */
import { Buffer } from "node:buffer";
import type { MaskResult, RestoreResult } from "../../types.ts";
import { sha256 } from "../sha256.ts";

type Result = MaskResult | RestoreResult;

/** Headers of every answer with a picture. */
export function resultHeaders(result: Result): Record<string, string> {
  return {
    "x-limpid-task": result.task,
    "x-limpid-tasks": result.tasks.join(", ") || "clean",
    "x-limpid-confidence": result.confidence.toFixed(4),
    "x-limpid-coverage": result.coverage.toFixed(6),
    "x-limpid-severity": result.severity.toFixed(4),
    "x-limpid-device": result.device,
    "x-limpid-models": result.models.map(({ id, sha256 }) => `${id}=${sha256}`)
      .join(", "),
    ...("tiles" in result
      ? {
        "x-limpid-identical-pixels": result.identicalPixels.toFixed(6),
        "x-limpid-restored": result.restored.join(", ") || "nothing",
        "x-limpid-tiles": `${result.tiles.restored}/${result.tiles.total}`,
      }
      : {}),
    ...(result.warnings.length > 0
      ? { "x-limpid-warnings": headerText(result.warnings.join(" ")) }
      : {}),
  };
}

/** The JSON of `report=json`. */
export function reportObject(
  requestId: string,
  result: Result,
): Record<string, unknown> {
  const { canvas, ...stages } = result.times;
  return {
    requestId,
    task: result.task,
    tasks: result.tasks,
    confidence: result.confidence,
    probabilities: result.probabilities,
    coverage: result.coverage,
    severity: result.severity,
    ...("tiles" in result
      ? {
        restored: result.restored,
        identicalPixels: result.identicalPixels,
        tiles: result.tiles,
      }
      : {}),
    width: result.width,
    height: result.height,
    device: result.device,
    size: result.size,
    models: result.models,
    warnings: result.warnings,
    times: { ...rounded(stages), canvas: rounded(canvas) },
  };
}

/** Milliseconds, to a tenth. */
function rounded(times: object): Record<string, number> {
  return Object.fromEntries(
    Object.entries(times).map(([name, ms]) => [name, Math.round(ms * 10) / 10]),
  );
}

/** Text as a header holds it: printable ASCII, of bounded length. */
function headerText(text: string): string {
  return text.replace(/[^ -~]/g, "?").slice(0, 1000);
}

/** A Content-Digest header (RFC 9530). */
export async function contentDigest(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const digest = Buffer.from(await sha256(bytes)).toString("base64");
  return `sha-256=:${digest}:`;
}
