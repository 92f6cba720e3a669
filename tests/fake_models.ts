/**
 * A store of models small enough to foretell: what is red is damaged by rain,
 * and restoring halves it. An image without red is clean.
 */
import { join } from "node:path";
import { createHash } from "node:crypto";
import { type Task, TASKS } from "../lib/types.ts";
import { type Graph, writeOnnx } from "./tiny_onnx.ts";

const THUMB = [1, 3, 128, 128];

/** A convolution without padding; `weight` by output, input, and place. */
function conv(
  from: string,
  to: string,
  side: number,
  bias: readonly number[],
  weight: (output: number, input: number) => number,
): Pick<Graph, "nodes" | "weights"> {
  const data = bias.flatMap((_, output) =>
    [0, 1, 2].flatMap((input) =>
      Array<number>(side * side).fill(weight(output, input))
    )
  );
  return {
    nodes: [{
      op: "Conv",
      inputs: [from, `${to}.weight`, `${to}.bias`],
      outputs: [to],
      attributes: { kernel_shape: [side, side], strides: [side, side] },
    }],
    weights: {
      [`${to}.weight`]: {
        dims: [bias.length, 3, side, side],
        data: new Float32Array(data),
      },
      [`${to}.bias`]: { dims: [bias.length], data: new Float32Array(bias) },
    },
  };
}

/**
 * `mask` is near 1 where red is above a half, near 0 elsewhere, all of it where
 * `blind`; evidence for rain is 20 times the mean red, less 2.
 */
function maskModel(blind: boolean, channels: readonly string[]): Uint8Array {
  const logits = conv(
    "image",
    "logits",
    1,
    channels.map(() => -40),
    (output, input) => input === colourOf(channels[output]!) && !blind ? 80 : 0,
  );
  const evidence = conv(
    "image",
    "evidence",
    16,
    channels.map((name) => name === "rain" ? -2 : -10),
    (output, input) =>
      channels[output] === "rain" && input === 0 ? 20 / 256 : 0,
  );
  const attention = conv(
    "image",
    "attention",
    16,
    channels.map(() => 0),
    () => 0,
  );
  return writeOnnx({
    inputs: { image: [1, 3, "h", "w"], thumb: THUMB },
    outputs: {
      mask: [1, channels.length, "h", "w"],
      evidence: [1, channels.length, "h16", "w16"],
      attention: [1, channels.length, "h16", "w16"],
    },
    weights: { ...logits.weights, ...evidence.weights, ...attention.weights },
    nodes: [
      ...logits.nodes,
      { op: "Sigmoid", inputs: ["logits"], outputs: ["mask"] },
      ...evidence.nodes,
      ...attention.nodes,
    ],
  });
}

/** Dust is blue, all that there really is is red. */
function colourOf(channel: string): number {
  return channel === "dust" ? 2 : 0;
}

/** `restored` is half of `image`, or what `factor` says. */
function restoreModel(factor = 0.5): Uint8Array {
  const half = conv(
    "image",
    "restored",
    1,
    [0, 0, 0],
    (output, input) => output === input ? factor : 0,
  );
  return writeOnnx({
    inputs: {
      image: [1, 3, "h", "w"],
      mask: [1, 1, "h", "w"],
      thumb: THUMB,
      thumb_mask: [1, 1, 128, 128],
    },
    outputs: { restored: [1, 3, "h", "w"] },
    ...half,
  });
}

/** How a store differs from the usual one. */
export interface FakeStore {
  /** Whether its mask model never finds anything. */
  readonly blind?: boolean;
  /** What the planes of its mask model are for; absent: the tasks. */
  readonly channels?: readonly string[];
  /** A task whose restorer gives no numbers. */
  readonly broken?: Task;
  /** Whether there are large restorers too, `large-TASK`, and `other-rain`, which another small one is before. */
  readonly many?: boolean;
}

/** Writes the store's files into a folder that exists. */
export async function writeFakeModels(
  folder: string,
  { blind = false, channels = TASKS, broken, many = false }: FakeStore = {},
): Promise<void> {
  const mask = maskModel(blind, channels);
  const usual = restoreModel();
  const useless = restoreModel(NaN);
  await Deno.writeFile(join(folder, "mask.onnx"), mask);
  await Deno.writeFile(join(folder, "restore.onnx"), usual);
  await Deno.writeFile(join(folder, "useless.onnx"), useless);
  const common = {
    size: "small",
    gmacs: 0.001,
    figures: {},
    licence: "MIT",
    provenance: "made by a test",
  };
  const restorer = (id: string, task: Task): Record<string, unknown> => {
    const content = task === broken ? useless : usual;
    return {
      id,
      kind: "restore",
      task,
      file: task === broken ? "useless.onnx" : "restore.onnx",
      bytes: content.length,
      sha256: sha256(content),
      graph: {
        thumb: 128,
        inputs: ["image", "mask", "thumb", "thumb_mask"],
        outputs: ["restored"],
      },
      threshold: 0.05,
      softness: 0.2,
      ...common,
    };
  };
  const models = [
    {
      id: "fake-mask",
      kind: "mask",
      task: null,
      file: "mask.onnx",
      bytes: mask.length,
      sha256: sha256(mask),
      graph: {
        thumb: 128,
        inputs: ["image", "thumb"],
        outputs: ["mask", "evidence", "attention"],
        channels,
      },
      threshold: null,
      softness: null,
      ...common,
    },
    ...TASKS.map((task) => restorer(`fake-${task}`, task)),
    ...(many
      ? [
        ...TASKS.map((task) => ({
          ...restorer(`large-${task}`, task),
          size: "large",
        })),
        restorer("other-rain", "rain"),
      ]
      : []),
  ];
  await Deno.writeTextFile(
    join(folder, "manifest.json"),
    JSON.stringify({ version: 1, models }, null, 2),
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
