import type { Metadata } from "./header.ts";

/** Metadata without the parts that were not found, and without empty lists. */
export function foundMetadata(
  found: { readonly [K in keyof Metadata]: Metadata[K] | undefined },
): Metadata {
  return Object.fromEntries(
    Object.entries(found).filter(([, part]) =>
      part !== undefined && (!Array.isArray(part) || part.length > 0)
    ),
  );
}
