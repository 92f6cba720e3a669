/** The types of the public interface, and those that all parts share. */
import { type Device, DEVICES } from "./devices.ts";
import { OUTPUT_FORMATS, type OutputFormat } from "./formats.ts";

/** The degradations that Limpid restores, in the order of the mask network's channels. */
export const TASKS = ["rain", "raindrop", "haze", "blur"] as const;
/** A degradation that Limpid restores. */
export type Task = typeof TASKS[number];
/** A degradation, or `clean`: nothing to restore. */
export type Verdict = Task | "clean";
/**
 * The probability of each degradation, 0..1, independent of the others: an
 * image can be hazy and rainy. `clean` is 1 minus the largest.
 */
export type Probabilities = Readonly<Record<Verdict, number>>;

export { type Device, DEVICES };

/** Precisions that networks can compute in: floats of 32 or 16 bits. */
export const PRECISIONS = ["fp32", "fp16"] as const;
/** The precision that a network computes in; `fp16` on `webgpu` only. */
export type Precision = typeof PRECISIONS[number];

export { OUTPUT_FORMATS, type OutputFormat };

/**
 * Which metadata is written: all, only what defines colours and sizes, or all
 * but where the photograph was taken.
 */
export const METADATA_USES = ["keep", "strip", "strip-location"] as const;
/** See {@linkcode METADATA_USES}. */
export type MetadataUse = typeof METADATA_USES[number];

/** Bits of a channel that can be asked for. */
export const DEPTHS = [8, 16] as const;
/** Bits of a channel of a written image. */
export type Depth = typeof DEPTHS[number];

/** Quality of written pixels: 1..100, or `lossless`. */
export type Quality = number | "lossless";

/**
 * Pixels: 8-bit RGBA in row-major order, `4 * width * height` bytes, alpha not
 * premultiplied.
 */
export interface Raster {
  /** Pixels across, a whole number from 1. */
  readonly width: number;
  /** Pixels down, a whole number from 1. */
  readonly height: number;
  /** Red, green, blue and alpha of each pixel, 0..255. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Pixels of a result, as `ImageData` takes them. */
export interface ResultRaster extends Raster {
  /** Red, green, blue and alpha of each pixel, 0..255. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/**
 * One byte a pixel in row-major order, `width * height` bytes: 0 is clean, 255
 * is damaged.
 */
export interface Mask {
  /** Pixels across, a whole number from 1. */
  readonly width: number;
  /** Pixels down, a whole number from 1. */
  readonly height: number;
  /** A value for each pixel, 0..255. */
  readonly data: Uint8Array;
}

/**
 * A caller's mask: like {@linkcode Mask}, clamped bytes too, as wide and high as
 * the image is upright.
 */
export type OwnMask = Omit<Mask, "data"> & Pick<Raster, "data">;

/**
 * Input of `restore()` and `predictMask()`. A text is the path of a file, or an
 * address that begins with `https:`, `http:` or `file:`.
 */
export type Input =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | Response
  | URL
  | Raster;

/**
 * Progress of a job. `done` and `total` count the stage's tiles; in `download`,
 * bytes of a model. In `queue` the job waits until the codecs have finished
 * other images.
 */
export interface Progress {
  /** What is done at the moment. */
  readonly stage:
    | "download"
    | "queue"
    | "decode"
    | "mask"
    | "restore"
    | "encode";
  /** How much of the stage is done, 0..`total`. */
  readonly done: number;
  /** How much the stage has, 1 or more. */
  readonly total: number;
  /**
   * How much of the image's work is done, 0 to 1; it never falls. An estimate:
   * it jumps where finer levels turn out to be undamaged.
   */
  readonly fraction: number;
}

/** Options of a restorer. */
export interface RestorerOptions {
  /** Default `auto`: a hardware WebGPU adapter, else `cpu`, else `wasm`. */
  readonly device?: Device | "auto";
  /**
   * Default `auto`: each network in `fp16` where the adapter supports it and
   * the outputs agree with `fp32` at 50 dB, which is tested when the network is
   * loaded.
   */
  readonly precision?: Precision | "auto";
  /**
   * Where models come from: `embedded:` (those beside `mod.ts`), a folder's
   * path, a `file:`, `https:` or `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`
   * URL; `#sha256=` pins the manifest. Default: the variable LIMPID_MODELS
   * where it may be read, else `embedded:`.
   */
  readonly models?: string | URL;
  /** Take models from the cache and never from the network. Default: no. */
  readonly offline?: boolean;
  /**
   * Which models are used where a task has both. Default `auto`: `large` on a
   * hardware GPU and on `cpu`, `small` on `wasm` and on a software renderer.
   */
  readonly size?: "small" | "large" | "auto";
  /**
   * Tasks whose networks, with the general mask network, are loaded before the
   * restorer is returned. Default: none; each network is loaded when first
   * needed.
   */
  readonly preload?: readonly Task[];
  /** Most pixels that an input may have, 1 to 2^28. Default: 50 million. */
  readonly maxPixels?: number;
  /** Most bytes that an encoded input may have, 1 to 2^31. Default: 128 MiB. */
  readonly maxBytes?: number;
  /**
   * Most bytes of memory that one image may take in addition to program and
   * models, estimated from its header before it is decoded. Default: no limit,
   * because reading the machine's memory would need a permission.
   */
  readonly maxMemory?: number;
  /**
   * Stops opening the restorer, downloads included, with the error `aborted`;
   * it has no effect later.
   */
  readonly signal?: AbortSignal;
}

/** Options of one call. */
export interface RestoreOptions {
  /**
   * What to restore: one degradation, or several in the order of restoration.
   * Default `auto`: the degradations found in the image, the most severe first,
   * if they are probable enough; else the input is returned as it is.
   */
  readonly task?: Task | "auto" | readonly Task[];
  /**
   * How probable a degradation has to be for `auto` to restore it, 0..1.
   * Default 0.75: less probable ones are reported from 0.5 on, but not restored.
   */
  readonly minConfidence?: number;
  /** Which models are used for this image. Default: that of the restorer. */
  readonly size?: "small" | "large" | "auto";
  /**
   * Tile size: the side in pixels of a square whose area a tile has at most,
   * without halo; a multiple of 16 from 64 to 4096. Memory grows with it.
   * Default: from the manifest, so that tiles take about as much memory with
   * every model. Models that see the whole image (haze) have no tiles.
   */
  readonly tile?: number;
  /**
   * Pixels that a tile sees around what it contributes, a multiple of 16 from 0
   * to 256. With a smaller halo, tiles may differ where they meet. Default:
   * from the manifest, as far as the network sees.
   */
  readonly halo?: number;
  /**
   * Strength of the restoration, 0..1: 0 leaves the image as it is, 1 (default)
   * restores fully.
   */
  readonly strength?: number;
  /** Mask value, 0..1, up to which pixels are kept. Default: the manifest's. */
  readonly threshold?: number;
  /**
   * The caller's mask, of the image's size: weights the restoration, 0 for none
   * to 255 for all. Default: everywhere.
   */
  readonly mask?: OwnMask;
  /**
   * Format that `encode()` writes. Default: the input's own where it can be
   * written, `jpeg` for HEIC, else `png`.
   */
  readonly format?: OutputFormat;
  /**
   * 1..100 for JPEG, WebP and AVIF, or `lossless` for WebP, PNG and TIFF. Default:
   * `lossless` for a lossless WebP, else 92.
   */
  readonly quality?: Quality;
  /**
   * Which of the input's metadata is written. Default `keep`. A file from which
   * metadata is removed is encoded anew, even if nothing was restored.
   */
  readonly metadata?: MetadataUse;
  /**
   * Bits of a channel of the written image. Default 8. With 16 a PNG or TIFF of
   * 16 bits keeps them, and is written as PNG, or as TIFF where that is named:
   * what was not restored keeps its samples, what was restored the steps finer
   * than 8 bits. `pixels` has 8 bits all the same.
   */
  readonly depth?: Depth;
  /**
   * Stops the work with the error `aborted`: at once while it waits for the
   * codecs or for a tile, which is finished all the same, else after the step
   * under way. It stops an `encode()` or `save()` under way, too, and none that
   * begins later.
   */
  readonly signal?: AbortSignal;
  /**
   * Called when a stage begins, after each tile, and while a model is downloaded
   * or the codecs are waited for. What it throws ends the call.
   */
  readonly onProgress?: (progress: Progress) => void;
}

/** Options of `encodeMask()`. */
export interface MaskEncodeOptions {
  /** Whether to write a heat map over the image. Default: no, a grey PNG. */
  readonly overlay?: boolean;
}

/** Options of `encode()` and `save()`; absent ones are those of `restore()`. */
export type WriteOptions = Pick<
  RestoreOptions,
  "format" | "quality" | "metadata"
>;

/**
 * Milliseconds that a canvas spent. A GPU works asynchronously: its time counts
 * in the part that waits for it.
 */
export interface CanvasTimes {
  /** Sending the image and masks to the device. */
  readonly upload: number;
  /** Cutting tiles out of the image. */
  readonly cut: number;
  /** Running networks. */
  readonly network: number;
  /** Summing tiles by their weights, rounding masks, compositing. */
  readonly blend: number;
  /** Reading masks and pixels back. */
  readonly readback: number;
}

/** Milliseconds of each stage. */
export interface Times {
  /** Reading and decoding the input, without waiting for the codecs. */
  readonly decode: number;
  /** Finding damage, on all levels. */
  readonly mask: number;
  /** Restoring it, on all levels. */
  readonly restore: number;
  /**
   * The last `encode()`, of a mask alone the last `encodeMask()`, without
   * waiting for the codecs; 0 before.
   */
  readonly encode: number;
  /** From the call to its result, all waiting included, and `encode`. */
  readonly total: number;
  /** The parts of `mask` and `restore`, without waiting. */
  readonly canvas: CanvasTimes;
}

/** A model that was used. */
export interface ModelUse {
  /** Its name in the manifest, such as `rain-large-2`. */
  readonly id: string;
  /** Of its file, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** The numbers that it computed with. */
  readonly precision: Precision;
  /** Why this precision was chosen, one sentence. */
  readonly precisionReason: string;
  /**
   * Why its runs on the GPU are handed over step by step, which takes longer.
   * Absent where they are recorded, or will be when a shape of tile has come
   * often enough.
   */
  readonly unrecorded?: string;
}

/** Result of `predictMask()`. */
export interface MaskResult {
  /** Width of the image in pixels, upright. */
  readonly width: number;
  /** Height of the image in pixels, upright. */
  readonly height: number;
  /**
   * Where {@linkcode MaskResult.tasks} were found, over all scales, of the
   * image's size; all 0 where `task` is `clean`.
   */
  readonly mask: Mask;
  /** The first of {@linkcode MaskResult.tasks}, or `clean`. */
  readonly task: Verdict;
  /**
   * The tasks asked for, else at most two damages that are more probable than
   * not or sure enough to be restored, the most severe first. None where the
   * image is too narrow to be looked at, which `warnings` says.
   */
  readonly tasks: readonly Task[];
  /** Probability of `task`, 0..1; 0 where the image is not looked at. */
  readonly confidence: number;
  /**
   * Probabilities of all degradations and of `clean`, 0..1. Only `auto` looks a
   * second time where it is not sure; a task that is named may be less probable.
   */
  readonly probabilities: Probabilities;
  /** Share of pixels whose mask is above the threshold, 0..1. */
  readonly coverage: number;
  /** Mean of the mask over the covered pixels, 0..1; 0 where nothing is covered. */
  readonly severity: number;
  /** Where the networks ran. */
  readonly device: Device;
  /** Why this device was chosen, one sentence. */
  readonly deviceReason: string;
  /** Milliseconds of each stage, so far. */
  readonly times: Times;
  /** The preferred model size. */
  readonly size: "small" | "large";
  /** The models that were used, each once. */
  readonly models: readonly ModelUse[];
  /**
   * Faults of the input that did no harm, why an image is not looked at and,
   * after `encode()`, what the last encoded file has no place for; a sentence
   * each.
   */
  readonly warnings: readonly string[];
  /**
   * Encodes the mask as a grey PNG or, with `overlay`, as a heat map over the
   * image. Do not write to the mask meanwhile.
   *
   * @throws {LimpidError} `invalid-option`, `codec-failed`, `too-much-memory`,
   * `aborted`.
   */
  encodeMask(options?: MaskEncodeOptions): Promise<Uint8Array<ArrayBuffer>>;
}

/** Result of `restore()`. */
export interface RestoreResult extends MaskResult {
  /** The restored image, with EXIF orientation applied and alpha unchanged. */
  readonly pixels: ResultRaster;
  /** The format that `encode()` writes unless it is told another. */
  readonly format: OutputFormat;
  /**
   * Those of `tasks` that were restored, in order.
   */
  readonly restored: readonly Task[];
  /**
   * The levels of the image's pyramid at which damage was looked for, in order:
   * 0 is the image, each further level has half the side. A fine level may come
   * first, for the thin streaks of rain, and once more in its turn. Empty where
   * no damage was to be found, or where the network saw the whole image.
   */
  readonly levels: readonly number[];
  /** Share of pixels that kept their bytes, 0..1. */
  readonly identicalPixels: number;
  /**
   * Tiles of all levels: in total, and those that a restorer ran on. All 0 where
   * the image is not looked at.
   */
  readonly tiles: {
    readonly total: number;
    readonly restored: number;
    /** Tile size that was used; see {@linkcode RestoreOptions.tile}. */
    readonly side: number;
    /** Tile size asked for: larger than `side` where memory did not suffice. */
    readonly asked: number;
  };
  /**
   * Encodes the restored image, with the input's metadata where the format
   * allows. Where nothing was restored, this is a copy of the input file if
   * possible. Do not write to the pixels meanwhile.
   *
   * @throws {LimpidError} `invalid-option`, where the image is too large for the
   * format too; `codec-failed`, `too-much-memory`, `aborted`.
   */
  encode(options?: WriteOptions): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Writes the restored image to a file, in the format of its extension, by a
   * temporary file in the same folder, which must be writable. The file is
   * complete or absent; what was there is replaced, a link too.
   *
   * @throws {LimpidError} `unwritable`; `invalid-option` for an unknown
   * extension; what `encode()` throws.
   */
  save(
    path: string | URL,
    options?: WriteOptions,
  ): Promise<void>;
}
