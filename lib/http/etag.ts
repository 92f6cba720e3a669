/** Entity tags that are known before any inference. */
import { createHash } from "node:crypto";

/**
 * A weak tag: the same input, parameters and models make the same picture,
 * up to what devices round differently.
 *
 * @param parts Texts and files that the answer follows from, in a fixed order.
 */
export function weakEtag(
  parts: readonly (string | Uint8Array | null)[],
): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    // With its length, so that no two lists run together alike.
    hash.update(`${part === null ? "none" : part.length}:`);
    if (part !== null) hash.update(part);
  }
  return `W/"${hash.digest("base64url").slice(0, 32)}"`;
}

/** Whether an If-None-Match header names the tag (weak comparison). */
export function matches(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, "");
  return ifNoneMatch.trim() === "*" ||
    ifNoneMatch.split(",").some((tag) => opaque(tag) === opaque(etag));
}
