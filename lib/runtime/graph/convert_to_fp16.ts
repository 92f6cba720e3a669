/**
 * An fp32 network rewritten so that most of it computes in fp16. Files stay the
 * same for every device: this is done as a model is loaded.
 */
import {
  FLOAT,
  FLOAT16,
  INT64,
  type OnnxModel,
  type OnnxNode,
  readOnnx,
} from "./onnx_graph.ts";

/** What costs nearly all of a network's time. */
const COSTLY = "Conv";

/**
 * What may lie in fp16 between two convolutions: each result depends on few
 * values. All else stays in fp32: sums over many values (means, softmax,
 * products of matrices) lose their small ones, and Clip and Pad throw.
 */
const BETWEEN = new Set([
  "Add",
  "Concat",
  "DepthToSpace",
  "Identity",
  "Mul",
  "Relu",
  "Reshape",
  "Resize",
  "Sigmoid",
  "Slice",
  "Sub",
  "Transpose",
]);

/** What gives whole numbers, whatever it takes: it looks at sizes only. */
const WHOLE = new Set(["Shape", "Size"]);

/**
 * The same network in fp16, inputs and outputs in fp32. A path is in fp16 from
 * its first convolution to its last: masks and images are cast where they
 * enter one, and the last one's result is cast before it meets the image.
 *
 * @param file ONNX, in fp32; weights may be stored in fp16 behind a Cast.
 * @throws where that cannot be done
 */
export async function convertToFp16(
  file: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const model = await readOnnx(file);
  if (model.nodes.some(model.nested)) {
    throw new TypeError("its graph has graphs within");
  }
  const types = typesOf(model);
  const half = halfNodes(model, types);
  const nodes: OnnxNode[] = [];
  /** Names of what is there in fp16 and in fp32, by the name in the file. */
  const halves = new Map<string, string>();
  const wholes = new Map<string, string>();
  const stored = new Set(
    model.weights.filter((w) => w.type === FLOAT16).map((w) => w.name),
  );
  const outputs = new Set(model.outputs.map(({ name }) => name));

  /** The name of a value in a type, cast to it where it is not there yet. */
  function named(value: string, type: number): string {
    if (types.get(value) !== FLOAT) return value;
    const [here, there] = type === FLOAT16
      ? [halves, wholes]
      : [wholes, halves];
    const known = here.get(value);
    if (known !== undefined) return known;
    const from = there.get(value) ?? value;
    const name = type === FLOAT16 ? `${value}/fp16` : `${value}/fp32`;
    nodes.push(model.cast(from, name, type));
    here.set(value, name);
    return name;
  }

  for (const { name } of [...model.inputs, ...model.weights]) {
    wholes.set(name, name);
  }
  for (const node of model.nodes) {
    const [from] = node.inputs;
    const [to] = node.outputs;
    if (node.op === "Cast" && stored.has(from!) && types.get(to!) === FLOAT) {
      halves.set(to!, from!);
      continue;
    }
    const type = half.has(node) ? FLOAT16 : FLOAT;
    nodes.push({
      ...node,
      // Sizes and scales of Resize are fp32 whatever it enlarges.
      inputs: node.inputs.map((input, position) =>
        WHOLE.has(node.op) || (node.op === "Resize" && position > 0)
          ? wholes.get(input) ?? halves.get(input) ?? input
          : named(input, type)
      ),
      outputs: node.outputs.map((output) => {
        const named = type === FLOAT16 && outputs.has(output)
          ? `${output}/fp16`
          : output;
        (type === FLOAT16 ? halves : wholes).set(output, named);
        return named;
      }),
    });
  }
  for (const { name } of model.outputs) {
    const found = wholes.get(name);
    if (found === undefined) {
      nodes.push(model.cast(halves.get(name)!, name, FLOAT));
    }
  }
  return model.write(nodes);
}

/** The element type of every value. */
function typesOf(model: OnnxModel): Map<string, number> {
  const types = new Map(
    [...model.inputs, ...model.weights].map(({ name, type }) => [name, type]),
  );
  for (const node of model.nodes) {
    const type = WHOLE.has(node.op)
      ? INT64
      : node.op === "Cast"
      ? model.integer(node, "to")
      : node.op === "Constant"
      ? model.tensorType(node, "value")
      : types.get(node.inputs[0] ?? "");
    for (const output of node.outputs) types.set(output, type ?? 0);
  }
  return types;
}

/** The operators that are to compute in fp16. */
function halfNodes(
  { nodes }: OnnxModel,
  types: ReadonlyMap<string, number>,
): Set<OnnxNode> {
  const makers = new Map<string, OnnxNode>();
  const users = new Map<OnnxNode, OnnxNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const maker = makers.get(input);
      if (maker !== undefined) users.get(maker)!.push(node);
    }
    for (const output of node.outputs) makers.set(output, node);
    users.set(node, []);
  }
  const between = ({ op, outputs }: OnnxNode): boolean =>
    BETWEEN.has(op) && outputs.every((name) => types.get(name) === FLOAT);

  const after = new Set<OnnxNode>();
  for (const node of nodes) {
    const makersOf = node.inputs.map((name) => makers.get(name));
    const follows = makersOf.some((maker) => maker && after.has(maker));
    if (node.op === COSTLY || (between(node) && follows)) after.add(node);
  }
  const half = new Set<OnnxNode>();
  const before = new Set<OnnxNode>();
  for (const node of nodes.toReversed()) {
    const theirs = users.get(node)!;
    const leads = theirs.some((user) => before.has(user));
    if (node.op === COSTLY || (between(node) && leads)) before.add(node);
    // A mask on its way to nothing but fp16 is cast first: it has one channel, what it becomes has many.
    const pulled = between(node) && theirs.length > 0 &&
      theirs.every((user) => half.has(user));
    if (before.has(node) && (after.has(node) || pulled)) half.add(node);
  }
  return half;
}
