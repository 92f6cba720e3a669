/** Checks what callers set, and fills in the defaults. */
import type { TileSettings } from "./tiling/tile_size.ts";
import { LimpidError } from "./errors.ts";
import { type Size, SIZES } from "./models/manifest.ts";
import {
  LARGEST_HALO,
  LARGEST_TILE,
  MULTIPLE,
  SMALLEST_TILE,
} from "./tiling/tile_plan.ts";
import {
  type Device,
  DEVICES,
  type Mask,
  METADATA_USES,
  type MetadataUse,
  OUTPUT_FORMATS,
  type OutputFormat,
  type Precision,
  PRECISIONS,
  type Quality,
  type RestoreOptions,
  type RestorerOptions,
  type Task,
  TASKS,
} from "./types.ts";
import {
  either,
  multipleOf,
  numberFrom,
  oneOf,
  type Rule,
  wholeNumberFrom,
} from "./rules.ts";
import { suggestion } from "./flags/suggest.ts";
import type { JobControl } from "./job_control.ts";

/** What `predictMask()` may be set to: the options of `restore()` that bear on masks. */
export type MaskOptions = Omit<
  RestoreOptions,
  "strength" | "mask" | "format" | "quality" | "metadata"
>;

/** What `encode()` may be set to. */
type EncodeChoice = Pick<RestoreOptions, "format" | "quality" | "metadata">;

/** What of {@linkcode Settings} bears on a file that is written. */
type EncodeSettings = Pick<Settings, "format" | "quality" | "metadata">;

/** The names of options; those that a type has are complete. */
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
};

const ENCODE: Names<EncodeChoice> = {
  format: true,
  quality: true,
  metadata: true,
};

/** How a mask is written. */
export interface MaskEncodeOptions {
  /** Laid over the image as a heat map; default false: a grey PNG. */
  readonly overlay?: boolean;
}

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
};

/** How sure `auto` has to be; models/README.md has what it was chosen on. */
export const MIN_CONFIDENCE = 0.8;
const QUALITY: Rule = either("lossless", numberFrom(1, 100));

/** A raster of that many pixels is 1 GiB. */
const MOST_PIXELS = 2 ** 28;

/** What an image may at most be and take. */
export interface ImageLimits {
  readonly maxPixels: number;
  readonly maxBytes: number;
  /** Bytes; `null` or left out: no limit. */
  readonly maxMemory?: number | null;
}

/** {@linkcode RestorerOptions}, complete. */
export interface RestorerSettings extends ImageLimits {
  readonly device: Device | "auto";
  readonly precision: Precision | "auto";
  /** `null`: LIMPID_MODELS, else the models that come with the library. */
  readonly models: string | URL | null;
  readonly offline: boolean;
  readonly size: Size | "auto";
  readonly preload: readonly Task[];
}

/** {@linkcode RestoreOptions}, complete; `null` where the model or the image decides. */
export interface Settings extends JobControl, TileSettings {
  /** In the order in which they are restored. */
  readonly tasks: readonly Task[] | "auto";
  readonly minConfidence: number;
  /** `null`: what the restorer was made with. */
  readonly size: Size | "auto" | null;
  readonly strength: number;
  readonly threshold: number | null;
  readonly mask: Mask | null;
  readonly format: OutputFormat | null;
  readonly quality: Quality | null;
  readonly metadata: MetadataUse | null;
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
    preload: taskList("preload", preload),
    maxPixels:
      checked("maxPixels", maxPixels, wholeNumberFrom(1, MOST_PIXELS)) ??
        50_000_000,
    maxBytes: checked("maxBytes", maxBytes, wholeNumberFrom(1, 2 ** 31)) ??
      128 * 2 ** 20,
    maxMemory: checked(
      "maxMemory",
      maxMemory,
      wholeNumberFrom(1, Number.MAX_SAFE_INTEGER),
    ),
  };
}

/** @throws {LimpidError} `invalid-option`, naming option, value and what is allowed. */
export function maskSettings(options: MaskOptions): Settings {
  return restoreSettings(optionsObject(options, MASK));
}

/** @throws {LimpidError} `invalid-option`, naming option, value and what is allowed. */
export function restoreSettings(options: RestoreOptions): Settings {
  const given = optionsObject(options, RESTORE);
  const { signal, onProgress } = given;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalid("signal", signal, "an AbortSignal");
  }
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw invalid("onProgress", onProgress, "a function");
  }
  return {
    tasks: taskChoice(given.task),
    minConfidence:
      checked("minConfidence", given.minConfidence, numberFrom(0, 1)) ??
        MIN_CONFIDENCE,
    size: checked("size", given.size, oneOf([...SIZES, "auto"])),
    ...tileSettings(given),
    strength: checked("strength", given.strength, numberFrom(0, 1)) ?? 1,
    threshold: checked("threshold", given.threshold, numberFrom(0, 1)),
    mask: userMask(given.mask),
    ...encodeChoice(given),
    signal: signal ?? null,
    onProgress: onProgress ?? ((): void => {}),
  };
}

/** @throws {LimpidError} `invalid-option` */
export function encodeSettings(
  options: EncodeChoice,
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
  { format, quality, metadata }: EncodeChoice,
): EncodeSettings {
  return {
    format: checked("format", format, oneOf(OUTPUT_FORMATS)),
    quality: checked("quality", quality, QUALITY),
    metadata: checked("metadata", metadata, oneOf(METADATA_USES)),
  };
}

/** @throws {LimpidError} `invalid-option` where the caller's mask is not of the image's size. */
export function checkMaskSize(
  mask: Pick<Mask, "width" | "height">,
  width: number,
  height: number,
): void {
  if (mask.width !== width || mask.height !== height) {
    throw new LimpidError(
      "invalid-option",
      `The option mask is ${mask.width}x${mask.height}; it must be of the image's size, ${width}x${height}.`,
    );
  }
}

function tileSettings({ tile, halo }: RestoreOptions): TileSettings {
  return {
    tile: checked(
      "tile",
      tile,
      multipleOf(MULTIPLE, SMALLEST_TILE, LARGEST_TILE),
    ),
    halo: checked("halo", halo, multipleOf(MULTIPLE, 0, LARGEST_HALO)),
  };
}

/** @throws {LimpidError} `invalid-option` for an unknown task, one that is there twice, or none. */
function taskChoice(value: RestoreOptions["task"]): readonly Task[] | "auto" {
  if (value === undefined || value === "auto") return "auto";
  if (typeof value === "string") {
    return [checked("task", value as Task, oneOf([...TASKS, "auto" as Task]))!];
  }
  const known = Array.isArray(value) && value.length > 0 &&
    value.every((task) => TASKS.includes(task));
  if (known && new Set(value).size === value.length) return value;
  throw invalid(
    "task",
    Array.isArray(value) ? value.join(", ") : value,
    `auto, or a list of some of ${TASKS.join(", ")}, each once`,
  );
}

function taskList(
  name: string,
  value: readonly Task[] | undefined,
): readonly Task[] {
  if (value === undefined) return [];
  const isList = Array.isArray(value) && value.every((t) => TASKS.includes(t));
  if (isList) return [...new Set(value)];
  throw invalid(name, value, `a list of ${TASKS.join(", ")}`);
}

function userMask(mask: Mask | undefined): Mask | null {
  if (mask === undefined) return null;
  const { width, height, data } = mask ?? {};
  if (!(data instanceof Uint8Array) || data.length !== width * height) {
    throw invalid(
      "mask",
      mask,
      "{ width, height, data }, data a Uint8Array of width * height bytes",
    );
  }
  return mask;
}

/**
 * The options of a call that opens a restorer for one image, apart: those of
 * `createRestorer()`, and all others, with `size`, which both have.
 *
 * @throws {LimpidError} `invalid-option` where they are no object
 */
export function splitOptions<T extends object>(
  options: T & RestorerOptions,
): { restorer: RestorerOptions; image: T } {
  const entries = Object.entries(optionsObject(options, null));
  const own = ([name]: [string, unknown]): boolean =>
    Object.hasOwn(RESTORER, name);
  return {
    restorer: Object.fromEntries(entries.filter(own)),
    image: Object.fromEntries(
      entries.filter((entry) => !own(entry) || entry[0] === "size"),
    ) as T,
  };
}

/**
 * Callers in JavaScript can pass anything.
 *
 * @param known The names that it may have; `null` for any.
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

/** The value where it keeps the rule, `null` where none was set. */
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
  return typeof value === "object" && value !== null
    ? "an object"
    : String(value);
}
