/** Which format the result is written in. */
import type { OutputFormat } from "../types.ts";
import { Problem } from "./problem.ts";

/** In the order of preference where a client takes several alike. */
const TYPES: readonly (readonly [string, OutputFormat])[] = [
  ["image/webp", "webp"],
  ["image/png", "png"],
  ["image/jpeg", "jpeg"],
];

/**
 * The format that an Accept header asks for.
 *
 * @returns `null`: the image's own, since all are taken alike.
 * @throws {Problem} `not-acceptable` where none that can be written is taken.
 */
export function acceptedFormat(accept: string | null): OutputFormat | null {
  if (accept === null || accept.trim() === "") return null;
  const weights = new Map<string, number>();
  for (const part of accept.slice(0, 1000).split(",")) {
    const [type = "", ...parameters] = part.split(";").map((p) =>
      p.trim().toLowerCase()
    );
    const q = parameters.find((p) => p.startsWith("q="))?.slice(2);
    const weight = q === undefined ? 1 : Number(q);
    if (weight >= 0) weights.set(type, Math.min(1, weight));
  }
  const any = weights.get("image/*") ?? weights.get("*/*") ?? 0;
  const wanted = TYPES.map(([type, format]) => ({
    format,
    weight: weights.get(type) ?? any,
  })).sort((a, b) => b.weight - a.weight);
  const [best] = wanted;
  if (best === undefined || best.weight === 0) {
    throw new Problem(
      "not-acceptable",
      "The result can be image/png, image/jpeg or image/webp; accept one of them.",
    );
  }
  // Only one that is wanted more than any other is worth a conversion.
  return best.weight > any ? best.format : null;
}
