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
 * Of a damage: its levels, which begin with the coarsest, by their pixels.
 *
 * @param sizes Of all levels, the finest first.
 */
export function levelPart(sizes: readonly Size[], index: number): Part {
  const upTo = (finest: number): number =>
    sizes.slice(finest).reduce(
      (sum, size) => sum + size.width * size.height,
      0,
    );
  const all = upTo(0);
  return [upTo(index + 1) / all, upTo(index) / all];
}
