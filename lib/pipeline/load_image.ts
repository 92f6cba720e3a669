/** An input, read and decoded. */
import { decode } from "../codecs/mod.ts";
import { readInput } from "./read_input.ts";
import { checkMemory } from "./memory_estimate.ts";
import { isNeutral } from "../pixels/neutral.ts";
import type { ImageLimits, Settings } from "../options.ts";
import { pack, type PackedRaster } from "../pixels/planes.ts";
import type { Input, InputFormat, Metadata } from "../types.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { checkAborted } from "../job_control.ts";
import { codecWaits } from "./codec_waits.ts";

/** An image with what its file said of it. */
export interface LoadedImage {
  readonly raster: PackedRaster;
  /** `null` for raw pixels. */
  readonly format: InputFormat | null;
  readonly metadata: Metadata;
  /** Whether the file has one channel, which is to be written again. */
  readonly grey: boolean;
  /** Whether the file holds its pixels exactly. */
  readonly lossless: boolean;
  /** Whether no pixel has a colour. */
  readonly neutral: boolean;
  /** What was wrong with the file and did no harm. */
  readonly warnings: readonly string[];
  /** What the file holds beside the image and is not read. */
  readonly left: readonly string[];
  /** The file itself; `null` for raw pixels. */
  readonly file: Uint8Array | null;
}

/**
 * Reads and decodes an input.
 *
 * @throws {LimpidError} `empty-input`, `not-an-image`, `unsupported-format`,
 * `corrupt-image`, `too-much-memory`, `codec-failed` and what {@linkcode readInput} throws.
 */
export async function loadImage(
  input: Input,
  limits: ImageLimits,
  settings: Settings,
  stopwatch: Stopwatch,
): Promise<LoadedImage> {
  const { maxMemory = null, ...size } = limits;
  const read = await readInput(input, size, settings);
  let image: LoadedImage;
  if (read instanceof Uint8Array) {
    const { raster, bitDepth: _, ...rest } = await decode(
      read,
      size,
      (info) => {
        checkAborted(settings);
        checkMemory(info, read.length, settings, maxMemory);
      },
      codecWaits("decode", settings, stopwatch),
    );
    const packed = await pack(raster);
    const neutral = rest.grey || await isNeutral(packed);
    image = { raster: packed, ...rest, neutral, file: read };
  } else {
    settings.onProgress({ stage: "decode", done: 0, total: 1 });
    checkMemory(read, 0, settings, maxMemory);
    const packed = await pack(read);
    image = {
      raster: packed,
      format: null,
      grey: false,
      lossless: true,
      neutral: await isNeutral(packed),
      metadata: {},
      warnings: [],
      left: [],
      file: null,
    };
  }
  checkAborted(settings);
  settings.onProgress({ stage: "decode", done: 1, total: 1 });
  return image;
}
