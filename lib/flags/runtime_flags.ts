/** The flags of device and models, for the command line and the service. */
import { parseLocation } from "../models/location.ts";
import { SIZES } from "../models/manifest.ts";
import {
  LARGEST_HALO,
  LARGEST_TILE,
  SMALLEST_TILE,
} from "../tiling/tile_plan.ts";
import { MAX_BYTES, MAX_PIXELS, MIN_CONFIDENCE, NUMBERS } from "../options.ts";
import { numberFrom } from "../rules.ts";
import {
  DEVICES,
  PRECISIONS,
  type RestoreOptions,
  type RestorerOptions,
} from "../types.ts";
import {
  choice,
  given,
  numberBy,
  onOff,
  text,
  type Values,
} from "./parse_flags.ts";

/** Flags of device and models. */
export const RUNTIME_FLAGS = {
  device: {
    help: "webgpu, cpu, wasm or auto; default auto",
    value: "DEVICE",
    parse: choice(["auto", ...DEVICES]),
  },
  precision: {
    help: "fp32, fp16 (some GPUs) or auto; default auto",
    value: "P",
    parse: choice(["auto", ...PRECISIONS]),
  },
  models: {
    help:
      "folder, or https: or s3: URL, that holds manifest.json; default embedded:, the models that come with Limpid",
    value: "LOCATION",
    parse(value: string, label: string): string {
      parseLocation(text(value, label));
      return value;
    },
  },
  "max-memory": {
    help:
      "MiB of memory that one image may take besides program and models, estimated from its header; default no limit",
    value: "N",
    // Of the flag's own, as the option counts bytes.
    parse: numberBy(numberFrom(1, 2 ** 30)),
  },
  "max-pixels": {
    help:
      `pixels of an image, checked before it is decoded; default ${MAX_PIXELS}`,
    value: "N",
    parse: numberBy(NUMBERS.maxPixels),
  },
  "max-bytes": {
    help: `bytes of a file; default ${MAX_BYTES} (128 MiB)`,
    value: "N",
    parse: numberBy(NUMBERS.maxBytes),
  },
  size: {
    help:
      "auto, small or large models; default auto: large on a hardware GPU and on cpu, else small",
    value: "SIZE",
    parse: choice(["auto", ...SIZES]),
  },
  offline: {
    help: "never fetch models: take them from the cache; default no",
    parse: onOff,
  },
} as const;

/** Flags of how any image is worked on, for the command line and the service. */
export const IMAGE_FLAGS = {
  "min-confidence": {
    help:
      `confidence, 0 to 1, that auto needs to restore damage; default ${MIN_CONFIDENCE}; less certain damage is only reported`,
    value: "P",
    parse: numberBy(NUMBERS.minConfidence),
  },
  tile: {
    help:
      `side of a tile in pixels, a multiple of 16, ${SMALLEST_TILE} to ${LARGEST_TILE}; default from the model`,
    value: "N",
    parse: numberBy(NUMBERS.tile),
  },
  halo: {
    help:
      `pixels around a tile that the model also sees, a multiple of 16, 0 to ${LARGEST_HALO}; default from the model`,
    value: "N",
    parse: numberBy(NUMBERS.halo),
  },
} as const;

/** Converts {@linkcode IMAGE_FLAGS} to options of the library. */
export function imageDefaults(
  values: Values<typeof IMAGE_FLAGS>,
): Pick<RestoreOptions, "minConfidence" | "tile" | "halo"> {
  const { "min-confidence": minConfidence, tile, halo } = values;
  return given({ minConfidence, tile, halo });
}

/** Converts {@linkcode RUNTIME_FLAGS} to options of the library. */
export function restorerOptions(
  values: Values<typeof RUNTIME_FLAGS>,
): RestorerOptions {
  const { device, precision, models, size, offline } = values;
  const memory = values["max-memory"];
  return given({
    ...{ device, precision, models, size, offline },
    maxPixels: values["max-pixels"],
    maxBytes: values["max-bytes"],
    maxMemory: memory && Math.round(memory * 2 ** 20),
  });
}
