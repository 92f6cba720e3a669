/** Reports on an image: a line for people, or an object for programs. */
import type { LimpidError } from "../errors.ts";
import type { MaskResult, RestoreResult } from "../types.ts";
import { printable } from "../flags/terminal.ts";

/** What is said of an image whose verdict has a confidence of 0. */
export const NOT_LOOKED_AT = "not looked at";

/**
 * The `--json` object of a failure; `input` is `null` where the failure is not
 * of one image.
 */
export function errorObject(
  input: string | null,
  { code, message }: LimpidError,
): Record<string, unknown> {
  return { input, error: { code, message } };
}

/** One line for people; `output` is `null` where nothing was written. */
export function resultLine(
  input: string,
  output: string | null,
  result: MaskResult | RestoreResult,
): string {
  const { tasks, confidence, probabilities, coverage, severity, times } =
    result;
  const verdict = tasks.map((task) =>
    `${task} (${percent(probabilities[task])} sure)`
  ).join(" and ");
  const parts = [
    tasks.length === 0
      ? confidence === 0
        ? NOT_LOOKED_AT
        : `clean (${percent(confidence)} sure), nothing to restore`
      : `${verdict}, covers ${percent(coverage)}, severity ${
        severity.toFixed(2)
      }`,
  ];
  if (
    "restored" in result && tasks.length > 0 && result.restored.length === 0
  ) {
    parts.push(
      `not sure enough to restore it, left as it is (--task ${
        tasks.join(",")
      } restores it)`,
    );
  } else if ("tiles" in result) {
    if (result.restored.length < tasks.length) {
      parts.push(`restored ${result.restored.join(" and ")} alone`);
    }
    const { restored, total, side, asked } = result.tiles;
    parts.push(
      `${
        percent(result.identicalPixels)
      } of pixels identical, ${restored}/${total} tiles restored`,
    );
    if (side < asked) {
      parts.push(
        `tiles of ${side} pixels, as there was too little memory for ${asked}`,
      );
    }
  }
  parts.push(`${(times.total / 1000).toFixed(1)} s`);
  const where = output === null
    ? printable(input)
    : `${printable(input)} -> ${printable(output)}`;
  return `${where}: ${parts.join("; ")}`;
}

/** A line for each warning about the input. */
export function warningLines({ warnings }: MaskResult): string[] {
  return warnings.map((warning) => `  ${printable(warning)}`);
}

/**
 * One line about the device, why it was chosen, and the models and their size;
 * `null` where nothing of it is new.
 *
 * @param told What earlier lines said; what this one says is added.
 */
export function meansLine(
  { deviceReason, size, models }: MaskResult,
  told: Set<string>,
): string | null {
  const fresh = (text: string): boolean => !told.has(text) && !!told.add(text);
  const used = models.map(({ id, precision }) => `${id} in ${precision}`)
    .filter(fresh);
  const parts = [
    ...[deviceReason, `Preferred size: ${size}.`].filter(fresh),
    ...used.length > 0 ? [`Models: ${used.join(", ")}.`] : [],
  ];
  return parts.length > 0 ? `  ${parts.join(" ")}` : null;
}

/** One line about a failure. */
export function errorLine(
  input: string | null,
  { code, message }: LimpidError,
): string {
  const where = input === null || names(message, printable(input))
    ? ""
    : `${printable(input)}: `;
  return `limpid: ${where}${printable(message)} [${code}]`;
}

/** Whether a message names the input; `out/a.png` does not name `a.png`. */
function names(message: string, input: string): boolean {
  return ["", ".", ",", ";", ":"].some((end) =>
    ` ${message} `.includes(` ${input}${end} `)
  );
}

/** A share in percent: 0 % and 100 % only where exact. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return "under 1 %";
  if (share > 0.99 && share < 1) return "over 99 %";
  return `${Math.round(share * 100)} %`;
}
