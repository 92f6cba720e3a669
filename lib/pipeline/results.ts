/** Builds the caller's results: numbers at once, files on request. */
import { encode, encodeMask } from "../codecs/mod.ts";
import { carriedMetadata } from "../codecs/metadata.ts";
import { deepRowsOf } from "../codecs/deep_rows.ts";
import { DEFAULT_QUALITY } from "../codecs/encode.ts";
import { pathOf, saveFile } from "./save_file.ts";
import { FORMATS, ownFormat, promisedFormat } from "../formats.ts";
import { stripMetadata } from "../codecs/strip_metadata.ts";
import { copyBytes } from "../pixels/copy_bytes.ts";
import {
  encodeMaskSettings,
  encodeSettings,
  type Settings,
} from "../options.ts";
import type { Waits } from "../codecs/worker_client.ts";
import type { LoadedImage } from "./load_image.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import { Stopwatch } from "./stopwatch.ts";
import { codecWaits } from "./codec_waits.ts";
import type {
  MaskResult,
  OutputFormat,
  Quality,
  RestoreResult,
  Times,
} from "../types.ts";
import { partOf, progressOf } from "../job_control.ts";
import { PARTS } from "./parts.ts";

/** A result without its methods and without what follows from the image. */
export type MaskSummary = Omit<
  MaskResult,
  "width" | "height" | "times" | "warnings" | "encodeMask"
>;

/** The pixels of a restored image, RGBA. */
export interface RestoredPixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  /** How many pixels have other bytes than the image's. */
  readonly changed: number;
}

/** The restored image, and how it was restored. */
export interface Restored
  extends
    RestoredPixels,
    Pick<RestoreResult, "tiles" | "restored" | "levels"> {}

/**
 * The result of `predictMask()`.
 *
 * @param timeMask Takes the milliseconds of encoding the mask. Default: they
 * are the job's encoding.
 */
export function maskResult(
  { raster, warnings, notes }: LoadedImage,
  summary: MaskSummary,
  settings: Settings,
  stopwatch: Stopwatch,
  timeMask = (ms: number): void => stopwatch.setEncode(ms),
): MaskResult {
  return {
    width: raster.width,
    height: raster.height,
    ...summary,
    warnings: [...warnings, ...notes],
    get times(): Times {
      return stopwatch.times;
    },
    async encodeMask(options = {}): Promise<Uint8Array<ArrayBuffer>> {
      const { overlay } = encodeMaskSettings(options);
      const { bytes, ms } = await encoded(
        settings,
        (waits) => encodeMask(summary.mask, overlay ? raster : null, waits),
      );
      timeMask(ms);
      return bytes;
    },
  };
}

/**
 * The result of `restore()`.
 *
 * @param settings Defaults of `encode()`, and the progress callback.
 */
export function restoreResult(
  image: LoadedImage,
  summary: MaskSummary,
  { data, changed, tiles, restored, levels }: Restored,
  settings: Settings,
  stopwatch: Stopwatch,
): RestoreResult {
  const { raster: { width, height }, deep, metadata, grey } = image;
  const ownWritten = settings.format ?? ownFormat(image.format);
  let left: readonly string[] = [];
  const pixels = { width, height, data };
  const encodeResult: RestoreResult["encode"] = async (options = {}) => {
    const given = encodeSettings(options);
    const format = given.format ?? ownWritten;
    const keepsDepth = FORMATS[format].written.depth === 16;
    const quality = given.quality ?? settings.quality;
    const use = given.metadata ?? settings.metadata ?? "keep";
    const kept = stripMetadata(metadata, use);
    // Nothing was restored: return the original file, not a worse copy. A file
    // with faults is encoded anew where that loses nothing, and one from which
    // something is to go always: it may have more than was read.
    const asItCame = changed === 0 && format === image.format &&
      use === "keep" &&
      quality === null && !(image.lossless && image.warnings.length > 0);
    const write = (waits: Waits): Promise<Uint8Array<ArrayBuffer>> => {
      if (!asItCame) {
        const exactly = quality ?? ownQuality(image, format);
        const options = { format, metadata: kept, grey, quality: exactly };
        const rows = deep !== null && keepsDepth
          ? deepRowsOf(deep, image.raster, pixels)
          : pixels;
        return encode(rows, options, waits);
      }
      waits.onTurn?.();
      return copyBytes([image.file!]);
    };
    const { bytes, ms } = await encoded(settings, write);
    stopwatch.setEncode(ms);
    left = asItCame ? [] : [
      ...image.left,
      ...(deep === null || keepsDepth ? [] : [
        `${
          FORMATS[format].name
        } holds 8 bits a channel; the other 8 are left out.`,
      ]),
      ...(format === "jpeg" && image.format !== "jpeg" &&
          isTransparent(image.raster)
        ? ["JPEG has no transparency; the image is laid over white."]
        : []),
      ...carriedMetadata(kept, format, grey).warnings,
    ];
    return bytes;
  };
  return {
    // Its encoding is the image's.
    ...maskResult(image, summary, settings, stopwatch, () => {}),
    // Spreading copies a getter's value, not the getter.
    get times(): Times {
      return stopwatch.times;
    },
    get warnings(): readonly string[] {
      return [...image.warnings, ...image.notes, ...left];
    },
    pixels,
    format: ownWritten,
    restored,
    levels,
    identicalPixels: 1 - changed / (width * height),
    tiles,
    encode: encodeResult,
    async save(path, options = {}): Promise<void> {
      const given = encodeSettings(options);
      const file = pathOf(path);
      const format = promisedFormat(file, given.format, `The file ${file}`);
      const bytes = await encodeResult({
        ...options,
        ...(format !== null && { format }),
      });
      await saveFile(file, bytes);
    },
  };
}

/**
 * Encodes, told as the last part of the job; the milliseconds are without
 * waiting for the codecs.
 */
async function encoded(
  settings: Settings,
  write: (waits: Waits) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; ms: number }> {
  const control = partOf(settings, ...PARTS.encode);
  // Of its own: encodings may overlap.
  const stopwatch = new Stopwatch();
  const waits = codecWaits("encode", control, stopwatch);
  const bytes = await stopwatch.time("encode", () => write(waits));
  control.onProgress(progressOf("encode", 1, 1));
  return { bytes, ms: stopwatch.times.encode };
}

function isTransparent({ pixels }: PackedRaster): boolean {
  // The highest byte is alpha: typed arrays are little-endian wherever Deno runs.
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i]! < 0xff000000) return true;
  }
  return false;
}

/** Lossless for a lossless WebP, whose unrestored pixels keep their bytes. */
function ownQuality(image: LoadedImage, format: OutputFormat): Quality {
  return format === "webp" && image.format === "webp" && image.lossless
    ? "lossless"
    : DEFAULT_QUALITY;
}
