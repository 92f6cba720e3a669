/** Chooses the format of the result. */
import { FORMATS, OUTPUT_FORMATS, type OutputFormat } from "../../formats.ts";
import { Problem } from "../problem.ts";

/**
 * Order of preference among formats that a client accepts equally, after the
 * image's own.
 */
const PREFERENCE: readonly OutputFormat[] = ["webp", "png", "jpeg"];

/** The formats that a client accepts, with weights above 0 and up to 1. */
export type Accepted = ReadonlyMap<OutputFormat, number>;

/** Formats, the most preferred first. */
export type Preferred = readonly [OutputFormat, ...OutputFormat[]];

/**
 * Parses an Accept header; without one all formats are accepted equally.
 *
 * @throws {Problem} `not-acceptable` where no format that can be written is
 * accepted.
 */
export function acceptedFormats(accept: string | null): Accepted {
  const weights = new Map<string, number>();
  for (const part of (accept?.trim() || "*/*").slice(0, 1000).split(",")) {
    const [type = "", ...parameters] = part.split(";").map((p) =>
      p.trim().toLowerCase()
    );
    const q = parameters.find((p) => p.startsWith("q="))?.slice(2);
    const weight = q === undefined ? 1 : Number(q);
    if (weight >= 0) weights.set(type, Math.min(1, weight));
  }
  const any = weights.get("image/*") ?? weights.get("*/*") ?? 0;
  const accepted = new Map(
    PREFERENCE.map((format) =>
      [format, weights.get(FORMATS[format].mediaType) ?? any] as const
    )
      .filter(([, weight]) => weight > 0),
  );
  if (accepted.size > 0) return accepted;
  throw new Problem(
    "not-acceptable",
    `The result can be ${
      OUTPUT_FORMATS.map((format) => FORMATS[format].mediaType).join(", ")
    }; accept one of them.`,
  );
}

/**
 * Sorts the accepted formats: first the one with the largest weight (the
 * image's own if it has that weight), then PNG, which can hold images of every
 * size, then the others.
 */
export function preferredFormats(
  accepted: Accepted,
  own: OutputFormat,
): Preferred {
  const formats = [...accepted.keys()].sort((a, b) =>
    accepted.get(b)! - accepted.get(a)! || Number(b === own) - Number(a === own)
  );
  const [first, ...others] = formats as unknown as Preferred;
  const then = others.sort((a, b) => Number(b === "png") - Number(a === "png"));
  return [first, ...then];
}
