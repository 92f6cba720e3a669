/**
 * Photoshop's image resources, the block that holds IPTC in JPEG (Adobe
 * Photoshop file formats, "Image resource blocks").
 */
import { concat, latin1, textAt, viewOf } from "./bytes.ts";

/** Prefix of the resources in JPEG's APP13. */
export const PHOTOSHOP_PREFIX = "Photoshop 3.0\0";
const SIGNATURE = "8BIM";
const IPTC = 0x0404;
/** Thumbnails of the old image, and second copies of profile, EXIF and XMP. */
const LEFT_OUT = new Set([0x0409, 0x040c, 0x040f, 0x0422, 0x0423, 0x0424]);

/** Where a resource is. */
interface Resource {
  readonly id: number;
  readonly at: number;
  readonly end: number;
}

/** The resources that still apply to a restored image; `undefined` for none. */
export function keptResources(
  block: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  // The last one may lack the byte that pads it.
  const kept = new Uint8Array(block.length + 1);
  let length = 0;
  for (const { id, at, end } of resourcesOf(block)) {
    if (LEFT_OUT.has(id)) continue;
    kept.set(block.subarray(at, end), length);
    length += end - at;
    length += (end - at) & 1;
  }
  return length === 0 ? undefined : kept.slice(0, length);
}

/** Whether the resources hold IPTC. */
export function holdsIptc(block: Uint8Array): boolean {
  for (const { id } of resourcesOf(block)) {
    if (id === IPTC) return true;
  }
  return false;
}

function* resourcesOf(block: Uint8Array): Generator<Resource> {
  const view = viewOf(block);
  let at = 0;
  while (at + 12 <= block.length && textAt(block, at, 4) === SIGNATURE) {
    const id = view.getUint16(at + 4);
    // A name after its length; both together have an even length.
    const size = at + 6 + (block[at + 6]! + 2 & ~1);
    if (size + 4 > block.length) return;
    const end = size + 4 + view.getUint32(size);
    if (end > block.length) return;
    yield { id, at, end };
    // A byte pads data of odd length; it may be missing at the end.
    at = Math.min(block.length, end + (end - size & 1));
  }
}

/** Bare IPTC data as an image resource. */
export function iptcResource(iptc: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(4);
  viewOf(length).setUint32(0, iptc.length);
  return concat([
    latin1(SIGNATURE),
    Uint8Array.of(IPTC >> 8, IPTC & 255, 0, 0),
    length,
    iptc,
    new Uint8Array(iptc.length & 1),
  ]);
}
