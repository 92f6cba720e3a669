/** What networks must give for a tile. */
import { LimpidError } from "../errors.ts";
import { MULTIPLE, type Rectangle } from "../tiles.ts";
import { CLASSES, TASKS } from "../types.ts";

/** Dimensions of a network's outputs by their names. */
export type OutputDims<Name extends string> = Readonly<
  Record<Name, readonly number[]>
>;

/** Of the mask network. */
export function maskDims(
  { width, height }: Rectangle,
): OutputDims<"mask" | "evidence" | "attention"> {
  const cells = [1, CLASSES.length, height / MULTIPLE, width / MULTIPLE];
  return {
    mask: [1, TASKS.length, height, width],
    evidence: cells,
    attention: cells,
  };
}

/** Of a restorer. */
export function restoredDims(
  { width, height }: Rectangle,
): OutputDims<"restored"> {
  return { restored: [1, 3, height, width] };
}

/** @throws {LimpidError} `model-corrupt` where an output is missing or of another size */
export function checkDims(
  id: string,
  outputs: Readonly<Record<string, { readonly dims: readonly number[] }>>,
  dims: OutputDims<string>,
): void {
  for (const [name, wanted] of Object.entries(dims)) {
    const found = outputs[name]?.dims;
    if (found?.join() !== wanted.join()) {
      throw new LimpidError(
        "model-corrupt",
        `The model ${id} gives ${name} as [${
          found?.join(", ") ?? "nothing"
        }] instead of [${wanted.join(", ")}]; fetch it again.`,
      );
    }
  }
}

/** @throws {LimpidError} `device-failed` where a value is infinite or no number */
export function checkNumbers(id: string, values: Float32Array): void {
  // An infinite or undefined one makes the sum of its products with 0 undefined.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  if (sum === 0) return;
  throw new LimpidError(
    "device-failed",
    `The model ${id} gives values that are not numbers; use another device.`,
  );
}
