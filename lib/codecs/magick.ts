/**
 * ImageMagick, for files that the smaller codecs do not read or write. It tells
 * warnings apart from errors. It is downloaded and started when a file first
 * needs it.
 */
import { MAGICK, type Magick, MAGICK_WASM } from "../../deps.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Raster } from "../types.ts";
import type { Miff } from "./avif/miff.ts";
import { sharedPixels } from "./shared_pixels.ts";
import { loadModule, loadScript, noteTaken } from "./wasm_module.ts";

/** Formats that ImageMagick reads here; no other reaches it. */
export type MagickFormat = "JPEG" | "BMP" | "TIFF" | "HEIC" | "AVIF";

/** Pixels that ImageMagick decoded. */
export interface MagickImage extends Raster {
  /** Whether the samples are cyan, magenta, yellow and black, 255 full ink. */
  readonly cmyk: boolean;
  /** Whether the file has L*a*b* colours; the samples are sRGB. */
  readonly lab: boolean;
  /** Metadata as in the file. */
  readonly profiles: {
    readonly icc?: Uint8Array;
    readonly exif?: Uint8Array;
    readonly xmp?: Uint8Array;
  };
  /** The format library's warnings, in its own words, each once. */
  readonly warnings: readonly string[];
}

/** An image that ImageMagick holds. */
type OpenImage = ReturnType<Magick["MagickImage"]["create"]>;
/** What it is told of a file's damage. */
type WarningEvent = Parameters<NonNullable<OpenImage["onWarning"]>>[0];

/** Approximate memory of ImageMagick itself, and for each pixel of an image. */
const BYTES = 32 * 2 ** 20;
const BYTES_PER_PIXEL = 8;
/** What it may have taken where it failed: nobody can tell how far it came. */
const MOST_BYTES = 2 ** 31;
/** What AV1's encoder takes for each pixel; alpha is an image of its own. */
const AVIF_BYTES_PER_PIXEL = 55;
/**
 * What libheif is told of AVIF. Speed 9 takes half a second a megapixel on a
 * free core; 8 takes three times as long for files 2 % smaller.
 */
const AVIF_SETTINGS = { "heic:speed": "9", "heic:chroma": "444" };
/** ImageMagick takes 100 for a lossless coding that libheif refuses. */
const BEST_AVIF = 99;
/** Rows that are copied out of the codec at once. */
const ROWS = 64;

let library: Promise<Magick> | null = null;

/**
 * Decodes with ImageMagick.
 *
 * @throws {Error} where the file cannot be decoded at all.
 */
export async function decodeWithMagick(
  bytes: Uint8Array,
  format: MagickFormat,
): Promise<MagickImage> {
  const warnings = new Set<string>();
  const onWarning = ({ error }: WarningEvent): number => {
    for (const { message } of [error, ...error.relatedErrors]) {
      warnings.add(plainWords(message));
    }
    return 0;
  };
  try {
    return await withImage(bytes, { format }, (image, { ColorSpace }) => {
      const { width, height } = image;
      noteTaken(BYTES_PER_PIXEL * width * height);
      const cmyk = image.colorSpace === ColorSpace.CMYK;
      const lab = image.colorSpace === ColorSpace.Lab;
      if (lab) image.colorSpace = ColorSpace.sRGB;
      const data = sharedPixels(width * height);
      eachBand(image, cmyk ? "CMYK" : "RGBA", (rows, top) => {
        data.set(rows, 4 * top * width);
      });
      const profiles = Object.fromEntries(
        (["icc", "exif", "xmp"] as const).flatMap((name) => {
          const profile = image.getProfile(name);
          return profile === null ? [] : [[name, new Uint8Array(profile.data)]];
        }),
      );
      return {
        width,
        height,
        data,
        cmyk,
        lab,
        profiles,
        warnings: [...warnings],
      };
    }, onWarning);
  } catch (error) {
    throw new Error(
      plainWords(error instanceof Error ? error.message : `${error}`),
      { cause: error },
    );
  }
}

/**
 * Decodes a grey TIFF with ImageMagick, and hands its rows over from top to
 * bottom.
 *
 * @param size What the image must have.
 * @param take Gets a row, a byte a pixel, and its number; the row is valid until it returns.
 * @throws {Error} where the file cannot be decoded, or is of another size.
 */
export async function readBytesWithMagick(
  bytes: Uint8Array,
  size: Size,
  take: (row: Uint8Array, y: number) => void,
): Promise<void> {
  await withImage(
    bytes,
    { format: "TIFF" },
    (image) => {
      const { width, height } = image;
      noteTaken(BYTES_PER_PIXEL * width * height);
      if (width !== size.width || height !== size.height) {
        throw new Error("its size is not what its directory says");
      }
      eachBand(image, "R", (rows, top) => {
        for (let at = 0, y = top; at < rows.length; at += width, y++) {
          take(rows.subarray(at, at + width), y);
        }
      });
    },
    // Damage was told when the image was read in 8 bits.
    () => 0,
  );
}

/**
 * Writes samples of one channel as a JPEG.
 *
 * @param quality 1..100.
 */
export async function encodeGreyJpeg(
  width: number,
  height: number,
  samples: Uint8Array,
  quality: number,
): Promise<Uint8Array> {
  const settings = { format: "GRAY", width, height, depth: 8 } as const;
  return await withImage(samples, settings, (image, { MagickFormat }) => {
    noteTaken(BYTES_PER_PIXEL * width * height);
    image.quality = quality;
    return image.write(MagickFormat.Jpeg, (file) => new Uint8Array(file));
  });
}

/**
 * Writes an image as an AVIF, with the profiles that it has.
 *
 * @param quality 1..100.
 */
export async function encodeAvifWithMagick(
  { bytes, width, height, hasAlpha }: Miff,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return await withImage(
    bytes,
    { format: "MIFF" },
    (image, { MagickFormat }) => {
      noteTaken(AVIF_BYTES_PER_PIXEL * width * height);
      // To say that there is some would make it opaque.
      if (!hasAlpha) image.hasAlpha = false;
      image.quality = Math.min(quality, BEST_AVIF);
      for (const [name, value] of Object.entries(AVIF_SETTINGS)) {
        image.settings.setDefine(name, value);
      }
      return image.write(MagickFormat.Avif, (file) => new Uint8Array(file));
    },
  );
}

/** Reads an image and works with it. */
async function withImage<T>(
  bytes: Uint8Array,
  reading: Readonly<
    { format: MagickFormat | "GRAY" | "MIFF" } & Partial<Size> & {
      depth?: number;
    }
  >,
  use: (image: OpenImage, magick: Magick) => T,
  onWarning?: (event: WarningEvent) => number,
): Promise<T> {
  const magick = await load();
  const image = magick.MagickImage.create();
  if (onWarning !== undefined) image.onWarning = onWarning;
  try {
    const settings = new magick.MagickReadSettings();
    // Without a number it would read all images of a file, which the limits do not count.
    image.read(
      bytes,
      Object.assign(settings, { frameIndex: 0, frameCount: 1 }, reading),
    );
    return use(image, magick);
  } catch (error) {
    // A damaged or hostile file may have corrupted the instance, and memory
    // that was not enough is not given back.
    library = null;
    noteTaken(MOST_BYTES);
    throw error;
  } finally {
    image.dispose();
  }
}

/** Passes the samples on in bands of rows, from top to bottom. */
function eachBand(
  image: OpenImage,
  channels: "R" | "RGBA" | "CMYK",
  take: (rows: Uint8Array, top: number) => void,
): void {
  const { width, height } = image;
  image.getPixels((pixels) => {
    for (let top = 0; top < height; top += ROWS) {
      const count = Math.min(ROWS, height - top);
      take(pixels.toByteArray(0, top, width, count, channels)!, top);
    }
  });
}

function load(): Promise<Magick> {
  library ??= start();
  // The next call tries a failed download again.
  library.catch(() => library = null);
  return library;
}

async function start(): Promise<Magick> {
  const [magick, module] = await Promise.all([
    loadScript<Magick>(MAGICK),
    loadModule(MAGICK_WASM),
  ]);
  await magick.initializeImageMagick(module);
  noteTaken(BYTES);
  return magick;
}

/** A message without its location in ImageMagick's source and in its own file system. */
function plainWords(message: string): string {
  return message.replace(/[\s`']* @ \w+\/.*$/s, "")
    .replace(/\s*[`']\/tmp\/magick-[\w-]+'?/g, "").trim();
}
