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

/** Where a resource is, and its data. */
interface Resource {
  readonly id: number;
  readonly at: number;
  readonly data: number;
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
    yield { id, at, data: size + 4, end };
    // A byte pads data of odd length; it may be missing at the end.
    at = Math.min(block.length, end + (end - size & 1));
  }
}

/**
 * IPTC's data sets of record 2 that name places: content location, city,
 * sublocation, province, country (IPTC-NAA Information Interchange Model 4).
 */
const PLACES = new Set([26, 27, 90, 92, 95, 100, 101]);

/**
 * The resources without the names of places in their IPTC data.
 *
 * @returns the same bytes where there are none
 */
export function withoutIptcLocation(block: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let same = true;
  for (const { id, at, data, end } of resourcesOf(block)) {
    const placeless = id === IPTC
      ? withoutPlaces(block.subarray(data, end))
      : null;
    if (placeless === null) {
      parts.push(block.subarray(at, end), new Uint8Array(end - at & 1));
    } else {
      same = false;
      parts.push(iptcResource(placeless));
    }
  }
  return same ? block : concat(parts);
}

/** IPTC data without the data sets of places; `null` where there are none. */
function withoutPlaces(iptc: Uint8Array): Uint8Array | null {
  const view = viewOf(iptc);
  const kept: Uint8Array[] = [];
  let found = false;
  let at = 0;
  while (at + 5 <= iptc.length) {
    if (iptc[at] !== 0x1c) {
      at++;
      continue;
    }
    let end = at + 5;
    const length = view.getUint16(at + 3);
    if (length < 0x8000) end += length;
    else {
      // As many bytes follow that give the length.
      const bytes = iptc.subarray(end, end += length & 0x7fff);
      end += bytes.reduce((sum, byte) => 256 * sum + byte, 0);
    }
    // The last one may be cut off.
    end = Math.min(end, iptc.length);
    const isPlace = iptc[at + 1] === 2 && PLACES.has(iptc[at + 2]!);
    if (isPlace) found = true;
    else kept.push(iptc.subarray(at, end));
    at = end;
  }
  return found ? concat(kept) : null;
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
