/** What networks must give for a tile. */
import { LimpidError } from "../../errors.ts";
import { CORRECTED } from "../../pixels/color_correction.ts";
import { MULTIPLE, type Rectangle } from "../../tiling/tile_plan.ts";

/** Dimensions of a network's outputs by their names. */
export type OutputDims<Name extends string> = Readonly<
  Record<Name, readonly number[]>
>;

/** Of the mask network. */
export function maskDims(
  { width, height }: Rectangle,
  channels: number,
): OutputDims<"mask" | "evidence" | "attention"> {
  return {
    mask: [1, channels, height, width],
    ...evidenceDims({ width, height }, channels),
  };
}

/** Of a mask network that gives no mask, but evidence for one value of it everywhere. */
export function evidenceDims(
  { width, height }: Pick<Rectangle, "width" | "height">,
  channels: number,
): OutputDims<"evidence" | "attention"> {
  const cells = [1, channels, height / MULTIPLE, width / MULTIPLE];
  return { evidence: cells, attention: cells };
}

/** Of a restorer. */
export function restoredDims(
  { width, height }: Rectangle,
): OutputDims<"restored"> {
  return { restored: [1, 3, height, width] };
}

/** Of a restorer that corrects. */
export function correctionDims(
  { width, height }: Rectangle,
): OutputDims<"correction"> {
  return { correction: [1, 4, height / CORRECTED, width / CORRECTED] };
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
  // Those have all bits of the exponent set: one more there, and the sign's bit is set.
  // Whole numbers, since a sum of floats has to wait for each addition: 4 times as slow.
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let signs = 0;
  for (let i = 0; i < bits.length; i++) {
    signs |= (bits[i]! & 0x7fffffff) + 0x00800000;
  }
  if (signs >= 0) return;
  throw new LimpidError(
    "device-failed",
    `The model ${id} gives values that are not numbers; use another device.`,
  );
}
