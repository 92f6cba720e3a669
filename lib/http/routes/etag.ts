/** Entity tags, computed before any inference. */
import { createHash } from "node:crypto";
import { sha256 } from "../sha256.ts";

/**
 * A weak tag: the same input, parameters and models give the same image, except
 * that devices round differently.
 *
 * @param parts Texts and files that the answer depends on, in a fixed order.
 */
export async function weakEtag(
  parts: readonly (string | Uint8Array<ArrayBuffer> | null)[],
): Promise<string> {
  const hash = createHash("sha256");
  for (const part of parts) {
    // Hash the length too, so that different lists never join to the same
    // bytes.
    hash.update(`${part === null ? "none" : part.length}:`);
    if (typeof part === "string") hash.update(part);
    else if (part !== null) hash.update(await sha256(part));
  }
  return `W/"${hash.digest("base64url").slice(0, 32)}"`;
}

/**
 * Whether an If-None-Match header names the tag (weak comparison). `*` names
 * none: whether there is an image is only known once it is made.
 */
export function matches(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, "");
  return ifNoneMatch.split(",").some((tag) => opaque(tag) === opaque(etag));
}
