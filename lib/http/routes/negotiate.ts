/** Chooses the format of the result. */
import { FORMATS, OUTPUT_FORMATS, type OutputFormat } from "../../formats.ts";
import type { Depth, Quality } from "../../types.ts";
import { Problem } from "../problem.ts";

/**
 * Order of preference among formats that a client accepts equally, after the
 * image's own. AVIF takes the longest to write.
 */
const PREFERENCE: readonly OutputFormat[] = [
  "webp",
  "png",
  "jpeg",
  "avif",
  "tiff",
];
/** Formats that `image/*` does not mean: many clients that send it cannot read them. */
const RARE: readonly OutputFormat[] = ["avif", "tiff"];

/** A format that a client takes. */
export interface Accepted {
  readonly format: OutputFormat;
  /** Above 0, up to 1. */
  readonly weight: number;
  /** Whether the client named it, and did not say "any". */
  readonly named: boolean;
}

/** Formats, the most preferred first. */
export type Preferred = readonly [OutputFormat, ...OutputFormat[]];

/**
 * Parses an Accept header; without one all formats are accepted equally.
 *
 * @throws {Problem} `not-acceptable` where no format that can be written is
 * accepted.
 */
export function acceptedFormats(accept: string | null): readonly Accepted[] {
  const accepted = formatsIn(weightsIn(accept));
  if (accepted.length > 0) return accepted;
  throw new Problem(
    "not-acceptable",
    `The result can be ${
      OUTPUT_FORMATS.map((format) => FORMATS[format].mediaType).join(", ")
    }; accept one of them.`,
  );
}

/** Whether an Accept header takes no image, but the parts of a report. */
export function acceptsReport(accept: string | null): boolean {
  const weights = weightsIn(accept);
  return (weights.get("multipart/mixed") ?? 0) > 0 &&
    formatsIn(weights).length === 0;
}

/** The media types of an Accept header, and how much each is wanted: 0 to 1. */
function weightsIn(accept: string | null): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const part of (accept?.trim() || "*/*").slice(0, 1000).split(",")) {
    const [type = "", ...parameters] = part.split(";").map((p) =>
      p.trim().toLowerCase()
    );
    const q = parameters.find((p) => p.startsWith("q="))?.slice(2);
    const weight = q === undefined ? 1 : Number(q);
    if (weight >= 0) weights.set(type, Math.min(1, weight));
  }
  return weights;
}

function formatsIn(weights: ReadonlyMap<string, number>): readonly Accepted[] {
  const any = weights.get("image/*") ?? weights.get("*/*") ?? 0;
  return PREFERENCE.map((format) => {
    const own = weights.get(FORMATS[format].mediaType);
    return { format, weight: own ?? any, named: own !== undefined };
  }).filter(({ weight }) => weight > 0);
}

/**
 * Sorts the accepted formats: first the one with the largest weight (the
 * image's own if it has that weight), then PNG, which can hold images of every
 * size, then the others.
 *
 * @param own The image's own format.
 * @param depth Bits of a channel. Where the image may have so many, formats
 * that hold fewer come into question only if no other is accepted.
 * @param quality `lossless`: the same for formats that never are.
 */
export function preferredFormats(
  accepted: readonly Accepted[],
  own: OutputFormat,
  depth: Depth = 8,
  quality?: Quality,
): Preferred {
  const holds = ({ format }: { readonly format: OutputFormat }): boolean =>
    FORMATS[format].written.depth >= depth;
  const deep = holds({ format: own }) ? accepted.filter(holds) : [];
  const possible = deep.length > 0 ? deep : accepted;
  const meant = possible.filter(({ format, named }) =>
    named || format === own || !RARE.includes(format)
  );
  const formats = (meant.length > 0 ? meant : possible)
    .toSorted((a, b) =>
      b.weight - a.weight ||
      Number(b.format === own) - Number(a.format === own)
    )
    .map(({ format }) => format) as unknown as Preferred;
  const [first, ...others] = formats;
  const then = others.sort((a, b) => Number(b === "png") - Number(a === "png"));
  const sorted = [first, ...then] as const;
  const exact = sorted.filter((format) =>
    quality !== "lossless" || FORMATS[format].written.lossless !== false
  );
  return exact.length > 0 ? exact as unknown as Preferred : sorted;
}
