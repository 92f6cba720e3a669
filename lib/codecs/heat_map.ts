import { LimpidError } from "../errors.ts";
import type { Raster } from "../types.ts";
import type { Rows } from "./rows.ts";

/**
 * The colour map "inferno", whose lightness rises evenly from black to pale
 * yellow, so that more damage looks like more, on grey prints and to
 * colour-blind eyes too. By Nathaniel J. Smith and Stéfan van der Walt, CC0,
 * as in Matplotlib (`_cm_listed.py`); every 15th of its 256 colours, the others
 * interpolated to within 5/255.
 */
const INFERNO: readonly (readonly [number, number, number])[] = [
  [0x00, 0x00, 0x04],
  [0x0a, 0x07, 0x22],
  [0x1e, 0x0c, 0x45],
  [0x38, 0x09, 0x62],
  [0x51, 0x0e, 0x6c],
  [0x69, 0x16, 0x6e],
  [0x80, 0x1f, 0x6c],
  [0x98, 0x27, 0x66],
  [0xb0, 0x31, 0x5b],
  [0xc6, 0x3d, 0x4d],
  [0xd9, 0x4d, 0x3d],
  [0xe9, 0x61, 0x2b],
  [0xf4, 0x79, 0x18],
  [0xfa, 0x94, 0x07],
  [0xfc, 0xb0, 0x14],
  [0xf8, 0xcd, 0x37],
  [0xf2, 0xea, 0x69],
  [0xfc, 0xff, 0xa4],
];
const STEP = 255 / (INFERNO.length - 1);

/** Factor of the image's brightness, so that the colours stand out. */
const DIM = 0.5;
/** How much of the image the strongest colour hides. */
const MAX_OPACITY = 0.9;

/**
 * Lays a mask over its image: the image dimmed and grey, damage in the colours
 * of "inferno". Opacity grows with the square root of the mask, so that faint
 * damage is visible. The image keeps its alpha.
 *
 * @throws {LimpidError} `invalid-option` where the sizes differ.
 *
 * @example
 * ```ts
 * import { overlay } from "./heat_map.ts";
 * import { rowsOf } from "./rows.ts";
 * import assert from "node:assert/strict";
 *
 * const grey = { width: 1, height: 1, data: Uint8Array.of(100, 100, 100, 255) };
 * const clean = { width: 1, height: 1, data: Uint8Array.of(0) };
 * const rows = overlay(grey, rowsOf(clean, 1));
 * assert.deepEqual(await rows.read(0, 1), Uint8Array.of(50, 50, 50, 255));
 * ```
 */
export function overlay(raster: Raster, mask: Rows): Rows {
  checkSize(raster, mask);
  const { width, height, data } = raster;
  const flame = Array.from({ length: 256 }, (_, value) => flameOf(value));
  let out = new Uint8Array();
  return {
    width,
    height,
    channels: 4,
    depth: 8,
    async read(from, to): Promise<Uint8Array> {
      const length = 4 * (to - from) * width;
      if (out.length < length) out = new Uint8Array(length);
      const beneath = data.subarray(4 * from * width, 4 * to * width);
      lay(beneath, await mask.read(from, to), flame, out);
      return out.subarray(0, length);
    },
  };
}

function checkSize(
  { width, height }: Raster,
  mask: { readonly width: number; readonly height: number },
): void {
  if (mask.width === width && mask.height === height) return;
  throw new LimpidError(
    "invalid-option",
    `The mask is ${mask.width}x${mask.height}, the image ${width}x${height}; they must be of one size.`,
  );
}

/** Lays mask values over the same number of pixels. */
function lay(
  data: Raster["data"],
  mask: Raster["data"],
  flame: readonly Flame[],
  out: Uint8Array,
): void {
  for (let i = 0, at = 0; at < data.length; i++, at += 4) {
    const { red, green, blue, light } = flame[mask[i]!]!;
    // BT.709 luma.
    const grey = light * (0.2126 * data[at]! + 0.7152 * data[at + 1]! +
      0.0722 * data[at + 2]!);
    out[at] = Math.round(red + grey);
    out[at + 1] = Math.round(green + grey);
    out[at + 2] = Math.round(blue + grey);
    out[at + 3] = data[at + 3]!;
  }
}

/** For one mask value: the colour added, and the image's brightness factor. */
interface Flame {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly light: number;
}

function flameOf(value: number): Flame {
  const opacity = MAX_OPACITY * Math.sqrt(value / 255);
  const [red, green, blue] = inferno(value);
  return {
    red: opacity * red,
    green: opacity * green,
    blue: opacity * blue,
    light: DIM * (1 - opacity),
  };
}

/** The colour of a value 0..255. */
function inferno(value: number): [number, number, number] {
  const below = Math.min(Math.floor(value / STEP), INFERNO.length - 2);
  const part = value / STEP - below;
  const low = INFERNO[below]!;
  const high = INFERNO[below + 1]!;
  return [0, 1, 2].map((c) => low[c]! + part * (high[c]! - low[c]!)) as [
    number,
    number,
    number,
  ];
}
