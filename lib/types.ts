/** The types that callers of the library see, and those its parts share. */
import { type Device, DEVICES } from "./devices.ts";
import {
  type InputFormat,
  OUTPUT_FORMATS,
  type OutputFormat,
} from "./formats.ts";

/** The degradations that Limpid restores, in the order of the mask network's channels. */
export const TASKS = ["rain", "raindrop", "haze", "blur"] as const;
/** A degradation that Limpid restores. */
export type Task = typeof TASKS[number];
/** A degradation, or `clean`: nothing to restore. */
export type Verdict = Task | "clean";
/**
 * How probable each degradation is, 0..1, whatever others there are: an image
 * can be hazy and rainy. `clean` is what the most probable one leaves of 1.
 */
export type Probabilities = Readonly<Record<Verdict, number>>;

export { type Device, DEVICES };

/** The numbers that networks can compute in: 32 or 16 bits. */
export const PRECISIONS = ["fp32", "fp16"] as const;
/** The numbers that a network computes in; `fp16` on `webgpu` only. */
export type Precision = typeof PRECISIONS[number];

export { type InputFormat, OUTPUT_FORMATS, type OutputFormat };

/** What of the metadata is written: all, what colours and sizes mean alone, or all but where the photograph was taken. */
export const METADATA_USES = ["keep", "strip", "strip-location"] as const;
/** See {@linkcode METADATA_USES}. */
export type MetadataUse = typeof METADATA_USES[number];

/** How exactly pixels are written: 1..100, or as they are. */
export type Quality = number | "lossless";

/** Pixels: 8-bit RGBA, row by row, `4 * width * height` bytes, alpha not premultiplied. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** One byte a pixel, row by row: 0 clean, 255 damaged. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Pixels for each unit of length; without a unit, their ratio alone counts. */
export interface Resolution {
  readonly x: number;
  readonly y: number;
  readonly unit: "inch" | "metre" | "none";
}

/** A named part of a PNG file. */
export interface NamedBlock {
  readonly type: string;
  readonly data: Uint8Array;
}

/** What an image carries beside its pixels, kept from input to output where the format has a place for it. */
export interface Metadata {
  /** ICC profile, as in the file. */
  readonly icc?: Uint8Array;
  /** EXIF block (TIFF structure, no `Exif\0\0` prefix), orientation reset to 1 once applied. */
  readonly exif?: Uint8Array;
  /** XMP packet, orientation reset to 1 once applied. */
  readonly xmp?: Uint8Array;
  /** What an XMP packet of JPEG says in further segments, each as in the file. */
  readonly xmpParts?: readonly Uint8Array[];
  /** Photoshop's image resources, in which IPTC stands; without thumbnails. */
  readonly photoshop?: Uint8Array;
  /** Comments of JPEG and GIF, as in the file. */
  readonly comments?: readonly Uint8Array[];
  /** Text chunks of PNG, as in the file. */
  readonly texts?: readonly NamedBlock[];
  /** What PNG says of colours: its chunks `cICP`, `sRGB`, `gAMA`, `cHRM`, `mDCV`, `cLLI`. */
  readonly colours?: readonly NamedBlock[];
  readonly resolution?: Resolution;
}

/** What `restore()` and `predictMask()` take; a text is the path of a file, or an address that begins with `https:`, `http:` or `file:`. */
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
 * How far a job has come; `done` and `total` count tiles of the stage, of
 * `download` bytes of a model. In `queue` it waits for the codecs, where others
 * are before it.
 */
export interface Progress {
  readonly stage:
    | "download"
    | "queue"
    | "decode"
    | "mask"
    | "restore"
    | "encode";
  readonly done: number;
  readonly total: number;
}

/** What a restorer is made with. */
export interface RestorerOptions {
  /** Default `auto`: a hardware WebGPU adapter, else `cpu`, else `wasm`. */
  readonly device?: Device | "auto";
  /**
   * Default `auto`: each network in `fp16` where the adapter can and what it
   * gives is within 50 dB of `fp32`, which is tried as it is loaded.
   */
  readonly precision?: Precision | "auto";
  /**
   * Where models come from: `embedded:` (those beside `mod.ts`), a folder's path,
   * a `file:`, `https:` or `s3://BUCKET/PREFIX?endpoint=URL&region=NAME` URL, with
   * `#sha256=` to pin its manifest. Default: the variable LIMPID_MODELS where it
   * may be read, else `embedded:`.
   */
  readonly models?: string | URL;
  /** Take models from the cache and never from the network. Default: no. */
  readonly offline?: boolean;
  /**
   * Which models are taken where a task has both. Default `auto`: `large` on a
   * hardware GPU and on `cpu`, `small` on `wasm` and a software renderer.
   */
  readonly size?: "small" | "large" | "auto";
  /** What to load before the restorer is handed out: networks of these tasks, and those that find damage. Default: none; each is loaded when first needed. */
  readonly preload?: readonly Task[];
  /** Most pixels an input may have. Default 50 million. */
  readonly maxPixels?: number;
  /** Most bytes an encoded input may have. Default 128 MiB. */
  readonly maxBytes?: number;
  /**
   * Most bytes of memory that one image may take beyond program and models,
   * estimated from its header before it is decoded. Default: no limit, since
   * the machine's memory cannot be asked for without a permission.
   */
  readonly maxMemory?: number;
}

/** What one call may set. */
export interface RestoreOptions {
  /**
   * What to restore: one degradation, or several in the order in which they are
   * to be restored. Default `auto`: what the image is found to suffer from,
   * the most severe first, if that is sure enough; else the input is returned as it is.
   */
  readonly task?: Task | "auto" | readonly Task[];
  /**
   * How probable a degradation has to be for `auto` to restore it, 0..1.
   * Default 0.8: what is less sure is told, and left as it is.
   */
  readonly minConfidence?: number;
  /** Which models are taken for this image. Default: as the restorer was made with. */
  readonly size?: "small" | "large" | "auto";
  /**
   * Side of a square in pixels, a multiple of 16 from 64 to 4096: a tile
   * contributes at most about its area. Memory grows with it. Default from
   * each model's manifest: tiles that take about as much memory with every model.
   * A model that sees the whole image, as that of haze does, has no tiles.
   */
  readonly tile?: number;
  /**
   * Pixels that a tile sees around what it contributes, a multiple of 16 from
   * 0 to 256. With less, tiles may differ where they meet. Default from each
   * model's manifest: as far as it sees.
   */
  readonly halo?: number;
  /** 0 leaves the image as it is, 1 (default) restores fully. */
  readonly strength?: number;
  /** Mask value, 0..1, up to which a pixel is returned byte for byte. Default from the model's manifest. */
  readonly threshold?: number;
  /** A mask of the caller's own, of the image's size: restoration is limited to where it is not 0, in proportion. */
  readonly mask?: Mask;
  /** Format that `encode()` writes by default. Default: the input's own, `png` for GIF and raw pixels. */
  readonly format?: OutputFormat;
  /**
   * 1..100 for JPEG and WebP, or `lossless`, which JPEG has not. Default:
   * `lossless` for a WebP that came so, else 92.
   */
  readonly quality?: Quality;
  /**
   * What of the input's metadata is written. Default `keep`. A file from which
   * something is taken away is written anew, also where nothing was restored.
   */
  readonly metadata?: MetadataUse;
  /** Stops the work before the next tile. */
  readonly signal?: AbortSignal;
  /** Called after each tile, and while a model is downloaded. */
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Milliseconds that a canvas spent. A GPU works on while more is sent to it:
 * what is waited for counts where it is waited for.
 */
export interface CanvasTimes {
  /** Sending the image and its masks. */
  readonly upload: number;
  /** Cutting tiles out of it. */
  readonly cut: number;
  /** Running networks. */
  readonly network: number;
  /** Adding tiles by their weights, rounding masks, composing. */
  readonly blend: number;
  /** Fetching masks and pixels. */
  readonly readback: number;
}

/** Milliseconds by stage. */
export interface Times {
  readonly decode: number;
  readonly mask: number;
  readonly restore: number;
  /** Of the last `encode()`; 0 before. */
  readonly encode: number;
  readonly total: number;
  /** What `mask` and `restore` consist of, but for waiting. */
  readonly canvas: CanvasTimes;
}

/** A model that took part. */
export interface ModelUse {
  readonly id: string;
  readonly sha256: string;
  readonly precision: Precision;
  /** Why it was taken, one sentence. */
  readonly precisionReason: string;
}

/** What `predictMask()` finds. */
export interface MaskResult {
  readonly width: number;
  readonly height: number;
  /** Where {@linkcode MaskResult.tasks} were found, at all scales together; all 0 when the verdict is `clean`. */
  readonly mask: Mask;
  /** What the image suffers from most: the task asked for, or the verdict. */
  readonly task: Verdict;
  /** All that it suffers from: the tasks asked for, or those more probable than not, the most severe first. */
  readonly tasks: readonly Task[];
  /** Probability of `task`, 0..1. */
  readonly confidence: number;
  readonly probabilities: Probabilities;
  /** Share of pixels above the threshold, 0..1. */
  readonly coverage: number;
  /** Mean of the mask over the covered pixels, 0..1; 0 where nothing is covered. */
  readonly severity: number;
  readonly device: Device;
  /** Why this device was taken, one sentence. */
  readonly deviceReason: string;
  readonly times: Times;
  /** Which models were preferred. */
  readonly size: "small" | "large";
  readonly models: readonly ModelUse[];
  /**
   * What was wrong with the input and did no harm and, after `encode()`, what
   * the file that it made last has no place for, a sentence each.
   */
  readonly warnings: readonly string[];
  /**
   * The mask as a grey PNG, or laid over the image as a heat map. The mask
   * must not be written to meanwhile.
   */
  encodeMask(options?: { readonly overlay?: boolean }): Promise<Uint8Array>;
}

/** What `restore()` returns. */
export interface RestoreResult extends MaskResult {
  /** The restored image, EXIF orientation applied, alpha as it came. */
  readonly pixels: Raster;
  /** Those of `tasks` that were restored, in order: none where none was sure enough. */
  readonly restored: readonly Task[];
  /**
   * The levels of the image's pyramid at which damage was looked for, in
   * order: 0 is the image, each next one half as large. Empty where there was
   * none to look for, or where it was seen whole.
   */
  readonly levels: readonly number[];
  /** Share of pixels whose bytes are the input's, 0..1. */
  readonly identicalPixels: number;
  readonly tiles: {
    readonly total: number;
    readonly restored: number;
    /** Most pixels of a tile's side. */
    readonly side: number;
    /** What `side` was to be: more, where the device's memory did not suffice for it. */
    readonly asked: number;
  };
  /**
   * The restored image as a file, with the input's ICC profile and EXIF where
   * the format allows. The pixels are read while it is written, and must not be
   * written to meanwhile.
   */
  encode(
    options?: Pick<RestoreOptions, "format" | "quality" | "metadata">,
  ): Promise<Uint8Array>;
  /**
   * Writes the restored image to a file, in the format of its extension; it is
   * there in full or not at all.
   *
   * @throws {LimpidError} `unwritable`, and what `encode()` throws.
   */
  save(
    path: string | URL,
    options?: Pick<RestoreOptions, "format" | "quality" | "metadata">,
  ): Promise<void>;
}
