/** Converts a result for JSON, for `--json` and `report=json`. */
import type { MaskResult, RestoreResult } from "./types.ts";

/** All texts and numbers of a result, without pixels and masks. */
export function resultObject(
  result: MaskResult | RestoreResult,
): Record<string, unknown> {
  const { canvas, ...stages } = result.times;
  return {
    task: result.task,
    tasks: result.tasks,
    ...("restored" in result ? { restored: result.restored } : {}),
    confidence: rounded(result.confidence, 4),
    probabilities: eachRounded(result.probabilities, 4),
    coverage: roundedShare(result.coverage),
    severity: rounded(result.severity, 4),
    width: result.width,
    height: result.height,
    ...("tiles" in result
      ? {
        identicalPixels: roundedShare(result.identicalPixels),
        levels: result.levels,
        tiles: result.tiles,
      }
      : {}),
    device: result.device,
    size: result.size,
    models: result.models,
    warnings: result.warnings,
    times: { ...eachRounded(stages, 1), canvas: eachRounded(canvas, 1) },
  };
}

function eachRounded(
  values: Readonly<Record<string, number>> | object,
  digits: number,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      rounded(value, digits),
    ]),
  );
}

/** Digits of a share of an image's pixels. */
export const SHARE_DIGITS = 6;

/** A share of pixels, rounded: 0 and 1 mean none and all. */
export function roundedShare(share: number): number {
  const least = 10 ** -SHARE_DIGITS;
  if (share <= 0 || share >= 1) return share;
  return rounded(Math.min(1 - least, Math.max(least, share)), SHARE_DIGITS);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
