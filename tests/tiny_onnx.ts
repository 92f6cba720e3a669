/**
 * Writes small ONNX models for tests, so that none has to be trained or
 * shipped. Only what the tests need of the format (onnx.proto, IR version 8,
 * operator set 17): float32 tensors, and integer attributes.
 */

/** Sizes of a tensor; a name stands for a size that is set at run time. */
export type Dims = readonly (number | string)[];

/** One operator. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

/** A model. */
export interface Graph {
  readonly inputs: Readonly<Record<string, Dims>>;
  readonly outputs: Readonly<Record<string, Dims>>;
  readonly weights: Readonly<
    Record<string, { dims: readonly number[]; data: Float32Array }>
  >;
  readonly nodes: readonly Node[];
  /** ONNX element types of outputs; float32 where none is given. */
  readonly types?: Readonly<Record<string, number>>;
}

const FLOAT = 1, VARINT = 0, BYTES = 2, INT = 2, INTS = 7;

function varint(value: number): number[] {
  const bytes: number[] = [];
  while (value > 127) {
    bytes.push(value % 128 + 128);
    value = Math.floor(value / 128);
  }
  return [...bytes, value];
}

/** Arrays one after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A field: a number as a varint, a text or bytes with their length. */
export function field(
  id: number,
  value: number | string | Uint8Array,
): Uint8Array {
  if (typeof value === "number") {
    return Uint8Array.from([...varint(id * 8 + VARINT), ...varint(value)]);
  }
  const bytes = typeof value === "string"
    ? new TextEncoder().encode(value)
    : value;
  return concat([
    Uint8Array.from([...varint(id * 8 + BYTES), ...varint(bytes.length)]),
    bytes,
  ]);
}

function attribute(
  name: string,
  value: number | readonly number[],
): Uint8Array {
  const [type, values] = typeof value === "number"
    ? [INT, [field(3, value)]]
    : [INTS, value.map((v) => field(8, v))];
  return concat([field(1, name), ...values, field(20, type)]);
}

function node({ op, inputs, outputs, attributes = {} }: Node): Uint8Array {
  return concat([
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, op),
    ...Object.entries(attributes).map(([k, v]) => field(5, attribute(k, v))),
  ]);
}

function tensor(
  name: string,
  { dims, data }: { dims: readonly number[]; data: Float32Array },
): Uint8Array {
  return concat([
    ...dims.map((d) => field(1, d)),
    field(2, FLOAT),
    field(8, name),
    field(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}

function valueInfo(
  [name, dims]: [string, Dims],
  element = FLOAT,
): Uint8Array {
  const shape = concat(
    dims.map((d) =>
      field(1, typeof d === "number" ? field(1, d) : field(2, d))
    ),
  );
  const type = field(1, concat([field(1, element), field(2, shape)]));
  return concat([field(1, name), field(2, type)]);
}

/** The bytes of an ONNX file. */
export function writeOnnx(graph: Graph): Uint8Array<ArrayBuffer> {
  const body = concat([
    ...graph.nodes.map((n) => field(1, node(n))),
    field(2, "tiny"),
    ...Object.entries(graph.weights).map(([n, t]) => field(5, tensor(n, t))),
    ...Object.entries(graph.inputs).map((v) => field(11, valueInfo(v))),
    ...Object.entries(graph.outputs).map((v) =>
      field(12, valueInfo(v, graph.types?.[v[0]]))
    ),
  ]);
  const opset = concat([field(1, ""), field(2, 17)]);
  return concat([field(1, 8), field(7, body), field(8, opset)]);
}

/** Numbers in -amplitude..amplitude, always the same for a seed. */
export function noise(
  length: number,
  amplitude = 1,
  seed = 1,
): Float32Array<ArrayBuffer> {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * amplitude;
  });
}

/** A 3x3 convolution that keeps height and width, with random weights. */
export function conv3x3(
  from: string,
  to: string,
  channelsIn: number,
  channelsOut: number,
): { nodes: Node[]; weights: Graph["weights"] } {
  const amplitude = 1 / Math.sqrt(channelsIn * 3);
  return {
    nodes: [{
      op: "Conv",
      inputs: [from, `${to}.weight`, `${to}.bias`],
      outputs: [to],
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    }],
    weights: {
      [`${to}.weight`]: {
        dims: [channelsOut, channelsIn, 3, 3],
        data: noise(channelsOut * channelsIn * 9, amplitude, channelsOut),
      },
      [`${to}.bias`]: {
        dims: [channelsOut],
        data: noise(channelsOut, 0.1, channelsIn),
      },
    },
  };
}

/**
 * Two convolutions, `image` [1,3,h,w] to `restored` [1,3,h,w], with `hidden`
 * channels between. With 6 of them the WebGPU runtime is known to answer
 * wrongly (onnxruntime issue 29651), with a multiple of 4 rightly.
 */
export function tinyNetwork(hidden = 8): Uint8Array<ArrayBuffer> {
  const one = conv3x3("image", "one", 3, hidden);
  const two = conv3x3("relu", "two", hidden, 4);
  const three = conv3x3("two", "three", 4, 3);
  return writeOnnx({
    inputs: { image: [1, 3, "h", "w"] },
    outputs: { restored: [1, 3, "h", "w"] },
    weights: { ...one.weights, ...two.weights, ...three.weights },
    nodes: [
      ...one.nodes,
      { op: "Relu", inputs: ["one"], outputs: ["relu"] },
      ...two.nodes,
      ...three.nodes,
      { op: "Sigmoid", inputs: ["three"], outputs: ["restored"] },
    ],
  });
}
