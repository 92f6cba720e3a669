/** Shares of the work, from where to where: they decide only what {@linkcode Progress.fraction} says. */
import type { Size } from "../tiling/tile_plan.ts";

/** From where to where a part of the work goes, 0 to 1. */
export type Part = readonly [from: number, to: number];

/** Of an image. */
export const PARTS = {
  decode: [0, 0.05],
  work: [0.05, 0.95],
  encode: [0.95, 1],
} as const satisfies Record<string, Part>;

/** Of the work between decoding and encoding: what tells the damages, then each damage in turn. */
export const CLASSIFY: Part = [0, 0.1];

/** @param turn Which of `count` damages, from 0. */
export function damagePart(turn: number, count: number): Part {
  const [, from] = CLASSIFY;
  const each = (1 - from) / count;
  return [from + each * turn, from + each * (turn + 1)];
}

/** Of a damage at one level. */
export const LEVEL_PARTS = {
  samples: [0, 0.05],
  mask: [0.05, 0.25],
  restore: [0.25, 1],
} as const satisfies Record<string, Part>;

/**
 * Up to where thin damage goes, which is restored at one level before all
 * levels are climbed.
 *
 * @param sizes As for {@linkcode levelPart}.
 * @param index That level; the coarsest: there is no such pass.
 */
export function thinPart(sizes: readonly Size[], index: number): number {
  if (index === sizes.length - 1) return 0;
  const { width, height } = sizes[index]!;
  const pixels = width * height;
  return pixels / (pixels + pixelsFrom(sizes, 0));
}

/**
 * Of a damage: its levels, which begin with the coarsest, by their pixels.
 *
 * @param sizes Of all levels, the finest first.
 */
export function levelPart(sizes: readonly Size[], index: number): Part {
  const all = pixelsFrom(sizes, 0);
  return [
    pixelsFrom(sizes, index + 1) / all,
    pixelsFrom(sizes, index) / all,
  ];
}

/** Pixels of a level and of all that are coarser. */
function pixelsFrom(sizes: readonly Size[], finest: number): number {
  return sizes.slice(finest).reduce(
    (sum, { width, height }) => sum + width * height,
    0,
  );
}
