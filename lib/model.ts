/** A network as the pipeline uses it. */
import type { Session, Tensor } from "./backend/backend.ts";
import { LimpidError } from "./errors.ts";
import type { ModelEntry } from "./models/manifest.ts";

/** A loaded model with what its manifest says. */
export interface Model {
  readonly entry: ModelEntry;
  readonly session: Session;
}

/**
 * Runs a model and checks what comes out.
 *
 * @param feeds Its inputs; their buffers are gone afterwards.
 * @param dims What each output must measure.
 * @throws {LimpidError} `model-corrupt` where an output is missing or of
 * another size, `device-failed` where the device fails or calculates no numbers.
 */
export async function runModel<Name extends string>(
  { entry, session }: Model,
  feeds: Readonly<Record<string, Tensor>>,
  dims: Readonly<Record<Name, readonly number[]>>,
): Promise<Record<Name, Float32Array<ArrayBuffer>>> {
  const outputs = await session.run(feeds);
  const values = {} as Record<Name, Float32Array<ArrayBuffer>>;
  for (const name of Object.keys(dims) as Name[]) {
    const output = outputs[name];
    if (output?.dims.join() !== dims[name].join()) {
      throw new LimpidError(
        "model-corrupt",
        `The model ${entry.id} gives ${name} as [${
          output?.dims.join(", ") ?? "nothing"
        }] instead of [${dims[name].join(", ")}]; fetch it again.`,
      );
    }
    if (!isFinite(output.data)) {
      throw new LimpidError(
        "device-failed",
        `The model ${entry.id} gives values that are not numbers; use another device.`,
      );
    }
    values[name] = output.data;
  }
  return values;
}

/** Whether all values are numbers. An infinite or undefined one makes the sum of its products with 0 undefined. */
function isFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  return sum === 0;
}
