/**
 * An ONNX model as a list of operators, read from its file and written back.
 * What is not looked at stays as it is, bytes and order. Numbers of fields and
 * types are those of onnx.proto.
 */
import { PROTOBUF_WIRE, type ProtobufWire } from "../../../deps.ts";

/** ONNX's element types, those that matter here. */
export const FLOAT = 1, INT64 = 7, FLOAT16 = 10;

/** A field of a message: a message within, text or bytes without their length, else the number as it is coded. */
interface Field {
  readonly id: number;
  readonly wire: number;
  readonly bytes: Uint8Array;
}

/** An operator. */
export interface OnnxNode {
  readonly op: string;
  /** Empty where an input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Name, attributes and the rest. */
  readonly fields: readonly Field[];
}

/** A value that the graph takes or gives, or a weight. */
export interface OnnxValue {
  readonly name: string;
  /** Its element type; 0 where none is declared. */
  readonly type: number;
}

/** A model. */
export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly weights: readonly OnnxValue[];
  /** The file with other operators; the types that it declared for what lies between them are left out. */
  write(nodes: readonly OnnxNode[]): Uint8Array<ArrayBuffer>;
  /** An attribute that is a number: `to` of Cast. */
  integer(node: OnnxNode, attribute: string): number | null;
  /** The element type of an attribute that is a tensor: `value` of Constant. */
  tensorType(node: OnnxNode, attribute: string): number | null;
  /** Whether an attribute holds a graph of its own. */
  nested(node: OnnxNode): boolean;
  /** A Cast to another element type. */
  cast(from: string, to: string, type: number): OnnxNode;
}

const MODEL = { graph: 7 } as const;
const GRAPH = {
  node: 1,
  weight: 5,
  input: 11,
  output: 12,
  between: 13,
} as const;
const NODE = { input: 1, output: 2, op: 4, attribute: 5 } as const;
const ATTRIBUTE = {
  name: 1,
  integer: 3,
  tensor: 5,
  graph: 6,
  type: 20,
} as const;
const INT_ATTRIBUTE = 2;
const TENSOR = { type: 2, name: 8 } as const;
const VALUE = { name: 1, type: 2 } as const;

/**
 * Reads a model from an ONNX file.
 *
 * @throws where the bytes are none
 */
export async function readOnnx(file: Uint8Array): Promise<OnnxModel> {
  const { BinaryReader, BinaryWriter }: ProtobufWire = await import(
    PROTOBUF_WIRE
  );
  const LENGTH = 2;

  function read(bytes: Uint8Array): Field[] {
    const reader = new BinaryReader(bytes);
    const fields: Field[] = [];
    while (reader.pos < reader.len) {
      const [id, wire] = reader.tag();
      const value = wire === LENGTH ? reader.bytes() : reader.skip(wire, id);
      fields.push({ id, wire, bytes: value });
    }
    return fields;
  }

  function write(fields: readonly Field[]): Uint8Array<ArrayBuffer> {
    const writer = new BinaryWriter();
    for (const { id, wire, bytes } of fields) {
      writer.tag(id, wire);
      if (wire === LENGTH) writer.bytes(bytes);
      else writer.raw(bytes);
    }
    return writer.finish();
  }

  const of = (fields: readonly Field[], id: number): Uint8Array[] =>
    fields.filter((field) => field.id === id).map(({ bytes }) => bytes);
  const text = (bytes: Uint8Array | undefined): string =>
    bytes === undefined ? "" : new TextDecoder().decode(bytes);
  const number = (bytes: Uint8Array | undefined): number =>
    bytes === undefined ? 0 : new BinaryReader(bytes).int32();
  const texts = (values: readonly string[], id: number): Field[] =>
    values.map((value) => ({
      id,
      wire: LENGTH,
      bytes: new TextEncoder().encode(value),
    }));
  const integer = (id: number, value: number): Field => ({
    id,
    wire: 0,
    bytes: new BinaryWriter().uint32(value).finish(),
  });

  function nodeOf(bytes: Uint8Array): OnnxNode {
    const fields = read(bytes);
    return {
      op: text(of(fields, NODE.op)[0]),
      inputs: of(fields, NODE.input).map(text),
      outputs: of(fields, NODE.output).map(text),
      fields: fields.filter(({ id }) =>
        id !== NODE.input && id !== NODE.output
      ),
    };
  }

  function valueOf(bytes: Uint8Array): OnnxValue {
    const fields = read(bytes);
    // A value's type, in it that of a tensor, in it that of its elements.
    const type = [VALUE.type, 1].reduce(
      (inner, id) => read(of(inner, id)[0] ?? new Uint8Array()),
      fields,
    );
    return {
      name: text(of(fields, VALUE.name)[0]),
      type: number(of(type, 1)[0]),
    };
  }

  function weightOf(bytes: Uint8Array): OnnxValue {
    const fields = read(bytes);
    return {
      name: text(of(fields, TENSOR.name)[0]),
      type: number(of(fields, TENSOR.type)[0]),
    };
  }

  function attributeOf(node: OnnxNode, name: string): Field[] | undefined {
    return of(node.fields, NODE.attribute).map(read)
      .find((fields) => text(of(fields, ATTRIBUTE.name)[0]) === name);
  }

  const model = read(file);
  const graph = read(of(model, MODEL.graph)[0] ?? new Uint8Array());
  return {
    nodes: of(graph, GRAPH.node).map(nodeOf),
    inputs: of(graph, GRAPH.input).map(valueOf),
    outputs: of(graph, GRAPH.output).map(valueOf),
    weights: of(graph, GRAPH.weight).map(weightOf),
    integer(node, name): number | null {
      const found = attributeOf(node, name);
      return found === undefined
        ? null
        : number(of(found, ATTRIBUTE.integer)[0]);
    },
    tensorType(node, name): number | null {
      const [tensor] = of(attributeOf(node, name) ?? [], ATTRIBUTE.tensor);
      return tensor === undefined ? null : weightOf(tensor).type;
    },
    nested: (node) =>
      of(node.fields, NODE.attribute).some((bytes) =>
        of(read(bytes), ATTRIBUTE.graph).length > 0
      ),
    cast(from, to, type): OnnxNode {
      const attribute = write([
        ...texts(["to"], ATTRIBUTE.name),
        integer(ATTRIBUTE.integer, type),
        integer(ATTRIBUTE.type, INT_ATTRIBUTE),
      ]);
      return {
        op: "Cast",
        inputs: [from],
        outputs: [to],
        fields: [
          ...texts(["Cast"], NODE.op),
          { id: NODE.attribute, wire: LENGTH, bytes: attribute },
        ],
      };
    },
    write(nodes): Uint8Array<ArrayBuffer> {
      const body = write([
        ...nodes.map(({ inputs, outputs, fields }): Field => ({
          id: GRAPH.node,
          wire: LENGTH,
          bytes: write([
            ...texts(inputs, NODE.input),
            ...texts(outputs, NODE.output),
            ...fields,
          ]),
        })),
        ...graph.filter(({ id }) => id !== GRAPH.node && id !== GRAPH.between),
      ]);
      return write(
        model.map((field) =>
          field.id === MODEL.graph ? { ...field, bytes: body } : field
        ),
      );
    },
  };
}
