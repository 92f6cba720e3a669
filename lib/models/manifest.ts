/** The models in a store's `manifest.json`, and how to verify them. */
import type { GraphNames } from "../runtime/backend.ts";
import { LimpidError } from "../errors.ts";
import {
  LARGEST_HALO,
  LARGEST_TILE,
  MULTIPLE,
  SMALLEST_TILE,
  type TileSize,
} from "../tiling/tile_plan.ts";
import {
  multipleOf,
  numberFrom,
  oneOf,
  type Rule,
  wholeNumberFrom,
} from "../rules.ts";
import {
  type Device,
  DEVICES,
  type Precision,
  PRECISIONS,
  type Task,
  TASKS,
} from "../types.ts";

/** What a model computes: degradation masks, or a restored image. */
const KINDS = ["mask", "restore"] as const;
/** See {@linkcode KINDS}. */
export type Kind = typeof KINDS[number];

/** `small` models are faster, `large` ones restore better. */
export const SIZES = ["small", "large"] as const;
/** See {@linkcode SIZES}. */
export type Size = typeof SIZES[number];

/** Default of {@linkcode GraphInterface.channels}. */
const USUAL_CHANNELS: readonly string[] = ["rain", "raindrop", "haze", "blur"];

/** A model's inputs and outputs. */
export interface GraphInterface extends GraphNames {
  /** Side of the whole image's thumbnail, in pixels. */
  readonly thumb: number;
  /**
   * Of a mask model: the degradation that each plane of its outputs is for, in
   * order. Default: rain, raindrop, haze, blur. Unknown ones are ignored.
   */
  readonly channels?: readonly string[];
}

/** One model of a manifest. */
export interface ModelEntry {
  /** Unique in its manifest: letters, digits, `.`, `_` and `-`. */
  readonly id: string;
  readonly kind: Kind;
  /**
   * The damage that a `restore` model restores or a `mask` model finds; `null`
   * for a general `mask` model, which finds and names all. A `mask` model for
   * one damage may output evidence for one value everywhere, instead of a mask.
   */
  readonly task: Task | null;
  readonly size: Size;
  /**
   * Precision of the stored weights; inputs and outputs are float32 always.
   * Default: `fp32`.
   */
  readonly precision?: Precision;
  /** The devices that the model is meant for. Default: all. */
  readonly devices?: readonly Device[];
  /** Name of the ONNX file beside the manifest. */
  readonly file: string;
  /** Length of the file in bytes. */
  readonly bytes: number;
  /** sha256 of the file, 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** URL of the file if it is not beside the manifest; may be presigned. */
  readonly url?: string;
  readonly graph: GraphInterface;
  /**
   * Tile size: a halo as wide as the network sees, and tiles for which its
   * layers take 600 to 800 MiB. Default: one that suits every network.
   */
  readonly cut?: TileSize;
  /**
   * For a model that sees the whole image at once: the longest side to which
   * the image is reduced, in pixels. Absent: the model sees tiles.
   */
  readonly whole?: number;
  /** Mask value, 0..1, up to which pixels are kept; `null` for `mask`. */
  readonly threshold: number | null;
  /**
   * Range of mask values above the threshold over which the restoration fades
   * in, above 0 and up to 1; `null` for `mask`.
   */
  readonly softness: number | null;
  /** Billions of multiply-accumulate operations at 256 x 256 pixels. */
  readonly gmacs: number;
  /** Measured quality; the model card explains the figures. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** SPDX identifier. */
  readonly licence: string;
  /** Where the weights come from, in a few words. */
  readonly provenance: string;
}

/** A valid manifest. */
export interface Manifest {
  /** Version of the schema. Unknown fields are ignored. */
  readonly version: 1;
  readonly models: readonly ModelEntry[];
}

/**
 * Longest model file that is accepted, which limits the memory that a manifest
 * can claim.
 */
const MAX_MODEL_BYTES = 2 ** 30;

/** Names of inputs and outputs that the pipeline uses. */
const NAMES: Readonly<
  Record<Kind | "mask extent" | "restore whole", GraphNames>
> = {
  mask: {
    inputs: ["image", "thumb"],
    outputs: ["mask", "evidence", "attention"],
  },
  "mask extent": { inputs: ["image"], outputs: ["evidence", "attention"] },
  restore: {
    inputs: ["image", "mask", "thumb", "thumb_mask"],
    outputs: ["restored"],
  },
  "restore whole": {
    inputs: ["image", "mask", "thumb", "thumb_mask"],
    outputs: ["correction"],
  },
};

/** Largest {@linkcode ModelEntry.whole}: every device has memory for it. */
const LARGEST_WHOLE = 1024;

/** What a field must be, and whether it may be absent. */
type Field = Rule & { readonly optional?: true };
/** A rule for every field. */
type Rules<T> = { readonly [K in keyof Required<T>]: Field };

// Plain names only, so that no path leads out of the store.
const name: Rule = {
  must: "a name of letters, digits, '.', '_' and '-'",
  fits: (v) => matches(v, /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
};
const text: Rule = {
  must: "a text",
  fits: (v) => typeof v === "string" && v !== "",
};
const names: Rule = {
  must: "a list of names",
  fits: (v) => Array.isArray(v) && v.every((n) => text.fits(n)),
};
const weight: Rule = {
  must: "a number from 0 to 1, or null",
  fits: (v) => v === null || numberFrom(0, 1).fits(v),
};
const sha256: Rule = {
  must: "64 hexadecimal digits in lower case",
  fits: (v) => matches(v, /^[0-9a-f]{64}$/),
};
const object: Rule = { must: "an object", fits: isObject };

/** A field that may be absent. */
function optional(rule: Rule): Field {
  return { ...rule, optional: true };
}

const MANIFEST: Rules<Manifest> = {
  version: {
    must: "1, the only version this release of Limpid reads",
    fits: (v) => v === 1,
  },
  models: {
    must: "a list of models",
    fits: (v) => Array.isArray(v) && v.length > 0,
  },
};

const GRAPH: Rules<GraphInterface> = {
  thumb: wholeNumberFrom(1, 1024),
  inputs: names,
  outputs: names,
  channels: optional({
    must: "a list of names, each once",
    fits: (v) =>
      names.fits(v) && new Set(v as string[]).size > 0 &&
      new Set(v as string[]).size === (v as string[]).length,
  }),
};

const CUT: Rules<TileSize> = {
  tile: multipleOf(MULTIPLE, SMALLEST_TILE, LARGEST_TILE),
  halo: multipleOf(MULTIPLE, 0, LARGEST_HALO),
};

const MODEL: Rules<ModelEntry> = {
  id: name,
  kind: oneOf(KINDS),
  task: oneOf([...TASKS, null]),
  size: oneOf(SIZES),
  precision: optional(oneOf(PRECISIONS)),
  devices: optional({
    must: `a list of ${DEVICES.join(", ")}`,
    fits: (v) =>
      Array.isArray(v) && v.length > 0 && v.every((d) => DEVICES.includes(d)),
  }),
  file: name,
  bytes: wholeNumberFrom(1, MAX_MODEL_BYTES),
  sha256,
  url: optional({
    must: "an https: or http: URL",
    fits: (v) =>
      typeof v === "string" && /^https?:$/.test(URL.parse(v)?.protocol ?? ""),
  }),
  graph: object,
  cut: optional(object),
  whole: optional(multipleOf(MULTIPLE, SMALLEST_TILE, LARGEST_WHOLE)),
  threshold: weight,
  softness: weight,
  gmacs: {
    must: "a number above 0",
    fits: (v) => numberFrom(Number.MIN_VALUE, Number.MAX_VALUE).fits(v),
  },
  figures: object,
  licence: text,
  provenance: text,
};

/**
 * Reads a manifest and checks every field.
 *
 * @param json The file's text.
 * @param source Where the manifest came from, for the message.
 * @throws {LimpidError} `model-corrupt`, which names the wrong field and what
 * it must be.
 */
export function parseManifest(json: string, source: string): Manifest {
  const manifest = check(parse(json, source), MANIFEST, source, "");
  const models = manifest.models.map((value, i) => {
    const path = `models[${i}].`;
    const model = check(value, MODEL, source, path);
    const graph = check(model.graph, GRAPH, source, `${path}graph.`);
    const cut = model.cut === undefined
      ? {}
      : { cut: check(model.cut, CUT, source, `${path}cut.`) };
    const entry = { ...model, graph, ...cut };
    checkKind(entry, source, path);
    return entry;
  });
  const ids = models.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) {
    throw invalid(source, `two models have the id ${twice}`);
  }
  checkWhole(models, source);
  return { ...manifest, models };
}

/** A restorer's own mask model: of its size, else of the other, if there is one. */
export function ownMaskOf(
  { task, size }: Pick<ModelEntry, "task" | "size">,
  models: readonly ModelEntry[],
): ModelEntry | undefined {
  const masks = models.filter((m) => m.kind === "mask" && m.task === task);
  return masks.find((mask) => mask.size === size) ?? masks[0];
}

/**
 * A restorer and its own mask model must see the image at the same size, on each
 * device. A restorer that sees the whole image needs a mask model of its own.
 */
function checkWhole(models: readonly ModelEntry[], source: string): void {
  for (const device of DEVICES) {
    const here = models.filter(({ devices }) =>
      devices?.includes(device) ?? true
    );
    for (const restorer of here) {
      if (restorer.kind === "mask") continue;
      const { id, task, whole } = restorer;
      const own = ownMaskOf(restorer, here);
      if (own === undefined && whole !== undefined) {
        throw invalid(
          source,
          `${id} has whole, but there is no mask model of ${task} for ${device}`,
        );
      }
      if (own !== undefined && own.whole !== whole) {
        throw invalid(source, `${id} and ${own.id} must have the same whole`);
      }
    }
  }
}

function parse(json: string, source: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw invalid(source, "it is not JSON", error);
  }
}

/** Checks and returns the fields that the rules name. */
function check<T>(
  value: unknown,
  rules: Rules<T>,
  source: string,
  path: string,
): T {
  if (!isObject(value)) {
    throw invalid(source, `${path.slice(0, -1) || "it"} must be an object`);
  }
  const fields: Record<string, unknown> = {};
  for (const [key, { must, fits, optional }] of Object.entries<Field>(rules)) {
    if (!Object.hasOwn(value, key)) {
      if (optional) continue;
      throw invalid(source, `${path}${key} is missing`);
    }
    if (!fits(value[key])) {
      throw invalid(source, `${path}${key} must be ${must}`);
    }
    fields[key] = value[key];
  }
  return fields as T;
}

/** Checks the fields that depend on the kind of a model. */
function checkKind(model: ModelEntry, source: string, path: string): void {
  if (model.kind === "restore" && model.task === null) {
    throw invalid(source, `${path}task must not be null for a restore model`);
  }
  if (model.task === null && model.whole !== undefined) {
    throw invalid(
      source,
      `${path}whole must be absent for a mask model whose task is null`,
    );
  }
  for (const field of ["threshold", "softness"] as const) {
    if ((model[field] === null) !== (model.kind === "mask")) {
      throw invalid(
        source,
        model.kind === "mask"
          ? `${path}${field} must be null for a mask model`
          : `${path}${field} must not be null for a restore model`,
      );
    }
  }
  if (
    model.kind === "mask" && model.task !== null &&
    !channelsOf(model).includes(model.task)
  ) {
    throw invalid(source, `${path}graph.channels must have its task`);
  }
  // Mask values are divided by it.
  if (model.softness === 0) {
    throw invalid(source, `${path}softness must be above 0`);
  }
  const kind = model.kind === "restore" && model.whole !== undefined
    ? "restore whole"
    : model.task !== null && givesExtent(model)
    ? "mask extent"
    : model.kind;
  for (const side of ["inputs", "outputs"] as const) {
    const wanted = NAMES[kind][side];
    if (model.graph[side].toSorted().join() !== wanted.toSorted().join()) {
      throw invalid(
        source,
        `${path}graph.${side} must be ${
          wanted.join(", ")
        } for a ${model.kind} model`,
      );
    }
  }
}

/** The degradation that each plane of a mask model's outputs is for. */
export function channelsOf({ graph }: ModelEntry): readonly string[] {
  return graph.channels ?? USUAL_CHANNELS;
}

/** Whether a mask model outputs evidence for one value instead of a mask. */
export function givesExtent({ kind, graph }: ModelEntry): boolean {
  return kind === "mask" && !graph.outputs.includes("mask");
}

function invalid(source: string, what: string, cause?: unknown): LimpidError {
  return new LimpidError(
    "model-corrupt",
    `The manifest ${source} is not valid: ${what}.`,
    { cause },
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}
