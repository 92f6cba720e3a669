/** Advice for those who set the limits, and not for callers of a service. */

/** The end of a sentence on a limit, by its option. */
export const RAISE_LIMIT = {
  maxPixels: ", or raise maxPixels (--max-pixels)",
  maxBytes: ", or raise maxBytes (--max-bytes)",
} as const;

/** A message without that advice. */
export function withoutRaiseLimit(message: string): string {
  return Object.values(RAISE_LIMIT)
    .reduce((shorter, advice) => shorter.replace(advice, ""), message);
}
