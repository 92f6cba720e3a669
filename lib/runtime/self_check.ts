/** A network's first run on a device, held against a runtime that is trusted. */
import { LimpidError } from "../errors.ts";
import type { Tensor } from "./backend.ts";

/** The device does not calculate a network as it should: none of its numbers can be trusted. */
export class WrongNumbers extends LimpidError {
  /** @param difference The largest, relative to 1. */
  constructor(id: string, device: string, difference: number) {
    super(
      "device-failed",
      `The model ${id} gives wrong numbers on ${device} (off by ${
        difference.toPrecision(2)
      } of 1 in its self-check); use another device.`,
    );
  }
}

/** Stands for every size that the graph leaves open. */
const SIDE = 64;

/**
 * The difference that passes: half a grey level of 8 bits, for outputs around
 * 1. Rounding stays below 1e-4; the known wrong shaders are off by 0.9 to 2.
 */
export const TOLERANCE = 0.5 / 255;

/** Least decibels between what fp16 and fp32 give, for fp16 to be taken. */
export const FP16_LEAST_PSNR = 50;

/** An input of a graph; a text stands for a size that is set at run time. */
export interface GraphInput {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/** Inputs that are always the same: noise in 0..1, open sizes set to 64, an open batch to 1. */
export function checkFeeds(
  inputs: readonly GraphInput[],
): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, shape }, index) => {
      const dims = shape.map((size, axis) =>
        typeof size === "number" ? size : axis === 0 ? 1 : SIDE
      );
      const data = noise(dims.reduce((a, b) => a * b, 1), index + 1);
      return [name, { data, dims }];
    }),
  );
}

/** Numerical Recipes' linear congruential generator, scaled to 0..1. */
function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

/**
 * The largest difference of any output to the trusted one, relative to the
 * largest value of that output where it exceeds 1. `Infinity` where a value is
 * not a number, or shapes differ.
 */
export function largestDifference(
  outputs: Readonly<Record<string, Tensor>>,
  trusted: Readonly<Record<string, Tensor>>,
): number {
  let largest = 0;
  for (const [name, { data, dims }] of Object.entries(trusted)) {
    const other = outputs[name];
    if (other?.dims.join() !== dims.join()) return Infinity;
    let scale = 1;
    let difference = 0;
    for (let i = 0; i < data.length; i++) {
      const step = Math.abs(other.data[i]! - data[i]!);
      if (!Number.isFinite(step)) return Infinity;
      if (step > difference) difference = step;
      const size = Math.abs(data[i]!);
      if (size > scale) scale = size;
    }
    largest = Math.max(largest, difference / scale);
  }
  return largest;
}

/**
 * How near outputs are to the trusted ones: peak signal to noise in decibels,
 * of the output that is farthest off. Its largest value is the peak, where it
 * exceeds 1. `Infinity` where all are equal, `-Infinity` where a value is not a
 * number or shapes differ.
 */
export function psnr(
  outputs: Readonly<Record<string, Tensor>>,
  trusted: Readonly<Record<string, Tensor>>,
): number {
  let least = Infinity;
  for (const [name, { data, dims }] of Object.entries(trusted)) {
    const other = outputs[name];
    if (other?.dims.join() !== dims.join()) return -Infinity;
    let peak = 1;
    let squares = 0;
    for (let i = 0; i < data.length; i++) {
      squares += (other.data[i]! - data[i]!) ** 2;
      peak = Math.max(peak, Math.abs(data[i]!));
    }
    if (!Number.isFinite(squares)) return -Infinity;
    least = Math.min(
      least,
      10 * Math.log10(peak ** 2 * data.length / squares),
    );
  }
  return least;
}
