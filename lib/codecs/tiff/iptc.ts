import { iptcResource, keptResources } from "../photoshop.ts";
import { type Directory, TAG } from "./directory.ts";

/** The IPTC of an image and what lies beside it, as Photoshop's resources: from there, or bare (tag 33723). */
export function iptcOf(
  directory: Directory,
): Uint8Array<ArrayBuffer> | undefined {
  const resources = directory.bytes(TAG.PHOTOSHOP);
  const kept = resources === null ? undefined : keptResources(resources);
  if (kept !== undefined) return kept;
  const bare = directory.bytes(TAG.IPTC);
  return bare === null || bare.length === 0 ? undefined : iptcResource(bare);
}
