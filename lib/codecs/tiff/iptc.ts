import { concat } from "../bytes.ts";
import { holdsIptc, iptcResource, keptResources } from "../photoshop.ts";
import { type ImageDirectory, TAG } from "./directory.ts";

/** The IPTC of an image and what lies beside it, as Photoshop's resources; IPTC may also stand by itself (tag 33723). */
export function iptcOf(
  directory: ImageDirectory,
): Uint8Array<ArrayBuffer> | undefined {
  const block = directory.bytes(TAG.PHOTOSHOP);
  const kept = block === null ? undefined : keptResources(block);
  if (kept !== undefined && holdsIptc(kept)) return kept;
  const bare = directory.bytes(TAG.IPTC);
  if (bare === null || bare.length === 0) return kept;
  return concat([...(kept ? [kept] : []), iptcResource(bare)]);
}
