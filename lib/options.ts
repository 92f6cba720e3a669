/** Checks callers' options and fills in the defaults. */
import type { TileSettings } from "./tiling/tile_size.ts";
import { LimpidError } from "./errors.ts";
import { type Size, SIZES } from "./models/manifest.ts";
import {
  LARGEST_HALO,
  LARGEST_TILE,
  MULTIPLE,
  SMALLEST_TILE,
} from "./tiling/tile_plan.ts";
import { formatNames, FORMATS } from "./formats.ts";
import {
  type Depth,
  DEPTHS,
  type Device,
  DEVICES,
  type Mask,
  type MaskEncodeOptions,
  METADATA_USES,
  type MetadataUse,
  OUTPUT_FORMATS,
  type OutputFormat,
  type OwnMask,
  type Precision,
  PRECISIONS,
  type Quality,
  type RestoreOptions,
  type RestorerOptions,
  type Task,
  TASKS,
  type WriteOptions,
} from "./types.ts";
import {
  either,
  multipleOf,
  numberFrom,
  oneOf,
  type Rule,
  wholeNumberFrom,
} from "./rules.ts";
import { suggestion } from "./suggest.ts";
import { TASK_LIST, tasksOf } from "./task_list.ts";
import type { JobControl } from "./job_control.ts";

/** Options of `predictMask()`: those of `restore()` that concern masks. */
export type MaskOptions = Omit<
  RestoreOptions,
  "strength" | "mask" | "format" | "quality" | "metadata" | "depth"
>;

/** The part of {@linkcode Settings} that concerns written files. */
type EncodeSettings = Pick<Settings, "format" | "quality" | "metadata">;

/** The names of all options of a type; a missing one is a type error. */
type Names<T> = Readonly<Record<keyof T, true>>;

const RESTORER: Names<RestorerOptions> = {
  device: true,
  precision: true,
  models: true,
  offline: true,
  size: true,
  preload: true,
  maxPixels: true,
  maxBytes: true,
  maxMemory: true,
  signal: true,
};

const ENCODE: Names<WriteOptions> = {
  format: true,
  quality: true,
  metadata: true,
};

const ENCODE_MASK: Names<MaskEncodeOptions> = { overlay: true };

const MASK: Names<MaskOptions> = {
  task: true,
  minConfidence: true,
  size: true,
  tile: true,
  halo: true,
  threshold: true,
  signal: true,
  onProgress: true,
};

const RESTORE: Names<RestoreOptions> = {
  ...MASK,
  ...ENCODE,
  strength: true,
  mask: true,
  depth: true,
};

/** The names of all options. */
export const OPTION_NAMES: readonly string[] = Object.keys({
  ...RESTORER,
  ...RESTORE,
  ...ENCODE_MASK,
});

/** Default of `minConfidence`; models/README.md says how it was chosen. */
export const MIN_CONFIDENCE = 0.75;
/** Most pixels of an image, and most bytes of a file, where no others are given. */
export const MAX_PIXELS = 50_000_000;
export const MAX_BYTES = 128 * 2 ** 20;

/** A raster of this many pixels takes 1 GiB. */
const MOST_PIXELS = 2 ** 28;

/** What the options that are numbers must be, for their flags too. */
export const NUMBERS = {
  minConfidence: numberFrom(0, 1),
  strength: numberFrom(0, 1),
  threshold: numberFrom(0, 1),
  tile: multipleOf(MULTIPLE, SMALLEST_TILE, LARGEST_TILE),
  halo: multipleOf(MULTIPLE, 0, LARGEST_HALO),
  quality: either("lossless", numberFrom(1, 100)),
  maxPixels: wholeNumberFrom(1, MOST_PIXELS),
  maxBytes: wholeNumberFrom(1, 2 ** 31),
} as const satisfies Readonly<Record<string, Rule>>;

/** Limits of an image's size and memory. */
export interface ImageLimits {
  readonly maxPixels: number;
  readonly maxBytes: number;
  /** Bytes; `null` or absent for no limit. */
  readonly maxMemory?: number | null;
}

/** {@linkcode RestorerOptions} with defaults. */
export interface RestorerSettings extends ImageLimits {
  readonly device: Device | "auto";
  readonly precision: Precision | "auto";
  /** `null` for LIMPID_MODELS, else the models that come with the library. */
  readonly models: string | URL | null;
  readonly offline: boolean;
  readonly size: Size | "auto";
  readonly preload: readonly Task[];
  readonly signal: AbortSignal | null;
}

/** {@linkcode RestoreOptions} with defaults; `null`: model or image decide. */
export interface Settings extends JobControl, TileSettings {
  /** The tasks in the order in which they are restored. */
  readonly tasks: readonly Task[] | "auto";
  readonly minConfidence: number;
  /** `null` for the size that the restorer was created with. */
  readonly size: Size | "auto" | null;
  readonly strength: number;
  readonly threshold: number | null;
  readonly mask: Mask | null;
  readonly format: OutputFormat | null;
  readonly quality: Quality | null;
  readonly metadata: MetadataUse | null;
  readonly depth: Depth;
}

/** @throws {LimpidError} `invalid-option`, naming option, value and what is allowed. */
export function restorerSettings(options: RestorerOptions): RestorerSettings {
  const {
    device,
    precision,
    models,
    offline,
    size,
    preload,
    maxPixels,
    maxBytes,
    maxMemory,
    signal,
  } = optionsObject(options, RESTORER);
  if (
    models !== undefined && !(models instanceof URL) &&
    (typeof models !== "string" || models === "")
  ) {
    throw invalid("models", models, "a folder's path or a URL");
  }
  return {
    device: checked("device", device, oneOf([...DEVICES, "auto"])) ?? "auto",
    precision:
      checked("precision", precision, oneOf([...PRECISIONS, "auto"])) ?? "auto",
    models: models ?? null,
    offline: checked("offline", offline, oneOf([true, false])) ?? false,
    size: checked("size", size, oneOf([...SIZES, "auto"])) ?? "auto",
    preload: preloadTasks(preload),
    maxPixels: checked("maxPixels", maxPixels, NUMBERS.maxPixels) ??
      MAX_PIXELS,
    maxBytes: checked("maxBytes", maxBytes, NUMBERS.maxBytes) ?? MAX_BYTES,
    maxMemory: checked(
      "maxMemory",
      maxMemory,
      wholeNumberFrom(1, Number.MAX_SAFE_INTEGER),
    ),
    signal: abortSignal(signal),
  };
}

/** @throws {LimpidError} `invalid-option`, naming option, value and what is allowed. */
export function maskSettings(options: MaskOptions): Settings {
  return restoreSettings(optionsObject(options, MASK));
}

/** @throws {LimpidError} `invalid-option`, naming option, value and what is allowed. */
export function restoreSettings(options: RestoreOptions): Settings {
  const given = optionsObject(options, RESTORE);
  const { onProgress } = given;
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw invalid("onProgress", onProgress, "a function");
  }
  return {
    tasks: taskChoice(given.task),
    minConfidence:
      checked("minConfidence", given.minConfidence, NUMBERS.minConfidence) ??
        MIN_CONFIDENCE,
    size: checked("size", given.size, oneOf([...SIZES, "auto"])),
    ...tileSettings(given),
    strength: checked("strength", given.strength, NUMBERS.strength) ?? 1,
    threshold: checked("threshold", given.threshold, NUMBERS.threshold),
    mask: userMask(given.mask),
    ...encodeChoice(given),
    depth: checked("depth", given.depth, oneOf(DEPTHS)) ?? 8,
    signal: abortSignal(given.signal),
    onProgress: onProgress ?? ((): void => {}),
  };
}

/** @throws {LimpidError} `invalid-option` */
export function encodeSettings(
  options: WriteOptions,
): EncodeSettings {
  return encodeChoice(optionsObject(options, ENCODE));
}

/** @throws {LimpidError} `invalid-option` */
export function encodeMaskSettings(
  options: MaskEncodeOptions,
): Required<MaskEncodeOptions> {
  const { overlay } = optionsObject(options, ENCODE_MASK);
  return {
    overlay: checked("overlay", overlay, oneOf([true, false])) ?? false,
  };
}

function encodeChoice(
  { format, quality, metadata }: WriteOptions,
): EncodeSettings {
  const settings = {
    format: checked("format", format, oneOf(OUTPUT_FORMATS)),
    quality: checked("quality", quality, NUMBERS.quality),
    metadata: checked("metadata", metadata, oneOf(METADATA_USES)),
  };
  checkQuality(settings.quality, settings.format);
  return settings;
}

/** @throws {LimpidError} `invalid-option` where the sizes differ. */
export function checkMaskSize(
  mask: Pick<Mask, "width" | "height">,
  width: number,
  height: number,
): void {
  if (mask.width !== width || mask.height !== height) {
    throw new LimpidError(
      "invalid-option",
      `The mask is ${mask.width}x${mask.height}; it must have the image's size, ${width}x${height}.`,
    );
  }
}

/**
 * @throws {LimpidError} `invalid-option` where the format cannot hold so many
 * bits a channel
 */
export function checkDepth(
  depth: Depth | null | undefined,
  format: OutputFormat | null | undefined,
): void {
  if (depth == null || format == null) return;
  const { name, written } = FORMATS[format];
  if (depth <= written.depth) return;
  throw new LimpidError(
    "invalid-option",
    `${name} holds ${written.depth} bits a channel, not ${depth}; write PNG or TIFF, or ask for no depth.`,
  );
}

function abortSignal(value: AbortSignal | undefined): AbortSignal | null {
  if (value === undefined || value instanceof AbortSignal) return value ?? null;
  throw invalid("signal", value, "an AbortSignal");
}

/** @throws {LimpidError} `invalid-option` where the format is never lossless and is to be */
export function checkQuality(
  quality: Quality | null | undefined,
  format: OutputFormat | null | undefined,
): void {
  if (quality !== "lossless" || format == null) return;
  const { name, written } = FORMATS[format];
  if (written.lossless !== false) return;
  const others = OUTPUT_FORMATS.filter((other) =>
    FORMATS[other].written.lossless !== false
  );
  throw new LimpidError(
    "invalid-option",
    `${name} has no lossless quality; choose ${
      formatNames(others, "or")
    }, or a quality from 1 to 100.`,
  );
}

function tileSettings({ tile, halo }: RestoreOptions): TileSettings {
  return {
    tile: checked("tile", tile, NUMBERS.tile),
    halo: checked("halo", halo, NUMBERS.halo),
  };
}

/**
 * @throws {LimpidError} `invalid-option` for unknown or repeated tasks, or
 * none.
 */
function taskChoice(value: RestoreOptions["task"]): readonly Task[] | "auto" {
  if (value === undefined) return "auto";
  // A copy, which the caller cannot change, and without holes.
  const names: readonly unknown[] = Array.isArray(value) ? [...value] : [value];
  const tasks = tasksOf(names);
  if (tasks !== null) return tasks;
  const isText = names.every((name) => typeof name === "string");
  throw invalid("task", isText ? names.join(", ") : value, TASK_LIST);
}

function preloadTasks(value: readonly Task[] | undefined): readonly Task[] {
  if (value === undefined) return [];
  const isList = Array.isArray(value) &&
    [...value].every((t) => TASKS.includes(t));
  if (isList) return [...new Set(value)];
  throw invalid("preload", value, `a list of ${TASKS.join(", ")}`);
}

function userMask(mask: OwnMask | undefined): Mask | null {
  if (mask === undefined) return null;
  const { width, height, data } = mask ?? {};
  const isBytes = data instanceof Uint8Array ||
    data instanceof Uint8ClampedArray;
  const isSize = Number.isInteger(width) && Number.isInteger(height);
  if (!isBytes || !isSize || data.length !== width * height) {
    throw invalid(
      "mask",
      mask,
      "{ width, height, data }, data a Uint8Array of width * height bytes",
    );
  }
  // A copy, which the caller cannot change while it is in use.
  return { width, height, data: new Uint8Array(data) };
}

/**
 * Splits the options of a call that opens a restorer for one image: those of
 * `createRestorer()`, and all others. `size` and `signal` belong to both.
 *
 * @throws {LimpidError} `invalid-option` where `options` is no object
 */
export function splitOptions<T extends object>(
  options: T & RestorerOptions,
): { restorer: RestorerOptions; image: T } {
  const entries = Object.entries(optionsObject(options, null));
  const of = (names: object, [name]: [string, unknown]): boolean =>
    Object.hasOwn(names, name);
  return {
    restorer: Object.fromEntries(entries.filter((each) => of(RESTORER, each))),
    image: Object.fromEntries(
      entries.filter((each) => of(RESTORE, each) || !of(RESTORER, each)),
    ) as T,
  };
}

/**
 * Checks the names of options: JavaScript callers can pass anything.
 *
 * @param known The allowed names; `null` for any.
 */
function optionsObject<T extends object>(
  options: T,
  known: Names<T> | null,
): T {
  if (typeof options !== "object" || options === null) {
    throw new LimpidError(
      "invalid-option",
      `The options are ${shown(options)}; they must be an object.`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (known === null || Object.hasOwn(known, name) || value === undefined) {
      continue;
    }
    const names = Object.keys(known);
    throw new LimpidError(
      "invalid-option",
      `There is no option ${name.slice(0, 40)}${
        suggestion(name.slice(0, 40), names)
      } here; there are ${names.join(", ")}.`,
    );
  }
  return options;
}

/** Returns a value that satisfies the rule; `null` where it is not set. */
function checked<T>(name: string, value: T | undefined, rule: Rule): T | null {
  if (value === undefined) return null;
  if (rule.fits(value)) return value;
  throw invalid(name, value, rule.must);
}

function invalid(name: string, value: unknown, must: string): LimpidError {
  return new LimpidError(
    "invalid-option",
    `The option ${name} is ${shown(value)}; it must be ${must}.`,
  );
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (Array.isArray(value)) return "an array";
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "object" && value !== null
    ? "an object"
    : String(value);
}
