/** An input, read and decoded. */
import { readInput } from "./input.ts";
import { decode, type DecodeLimits } from "./image/decode.ts";
import { pack, type PackedRaster } from "./planar.ts";
import type { Input, InputFormat, Metadata } from "./types.ts";
import { checkAborted, type Watch } from "./watch.ts";

/** A picture with what its file said of it. */
export interface Picture {
  readonly raster: PackedRaster;
  /** `null` for raw pixels. */
  readonly format: InputFormat | null;
  readonly metadata: Metadata;
  /** The file itself; `null` for raw pixels. */
  readonly file: Uint8Array | null;
}

/**
 * Reads and decodes an input.
 *
 * @throws {LimpidError} `empty-input`, `not-an-image`, `unsupported-format`,
 * `corrupt-image` and what {@linkcode readInput} throws.
 */
export async function readPicture(
  input: Input,
  limits: DecodeLimits,
  watch: Watch,
): Promise<Picture> {
  watch.onProgress({ stage: "decode", done: 0, total: 1 });
  const read = await readInput(input, limits, watch);
  let picture: Picture;
  if (read instanceof Uint8Array) {
    const { raster, format, metadata } = await decode(read, limits);
    picture = { raster: pack(raster), format, metadata, file: read };
  } else {
    picture = { raster: pack(read), format: null, metadata: {}, file: null };
  }
  checkAborted(watch);
  watch.onProgress({ stage: "decode", done: 1, total: 1 });
  return picture;
}
