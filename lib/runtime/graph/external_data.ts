/** Finds models whose weights lie in other files, before a runtime opens those. */
import { PROTOBUF_WIRE, type ProtobufWire } from "../../../deps.ts";

/** A message of onnx.proto: the fields that lead to tensors, and where each leads. */
interface Message {
  readonly [field: number]: Message;
}

/** TensorProto's fields `external_data` and `data_location`. */
const EXTERNAL_DATA = 13, DATA_LOCATION = 14;
const LENGTH = 2, VARINT = 0;

const TENSOR: Message = {};
const SPARSE_TENSOR: Message = { 1: TENSOR, 2: TENSOR };
// Graphs lie in attributes of nodes, which lie in graphs: linked below.
const ATTRIBUTE: Record<number, Message> = {
  5: TENSOR,
  10: TENSOR,
  22: SPARSE_TENSOR,
  23: SPARSE_TENSOR,
};
const NODE: Message = { 5: ATTRIBUTE };
const GRAPH: Message = { 1: NODE, 5: TENSOR, 15: SPARSE_TENSOR };
ATTRIBUTE[6] = GRAPH;
ATTRIBUTE[11] = GRAPH;
const FUNCTION: Message = { 7: NODE, 11: ATTRIBUTE };
const TRAINING: Message = { 1: GRAPH, 2: GRAPH };
const MODEL: Message = { 7: GRAPH, 20: TRAINING, 25: FUNCTION };

/** Where onnxruntime looks for the name of its own format, which holds external data too. */
const ORT_FORMAT = { at: 4, name: "ORTM" };

/**
 * Whether a model takes data from files beside it: nobody has verified those,
 * and native code reads them past Deno's permissions.
 *
 * @returns what it has, for a message; `null` where all of it is in the file
 * @throws where the bytes are no ONNX file
 *
 * @example
 * ```ts
 * import { externalData } from "./external_data.ts";
 * import { IDENTITY_MODEL } from "../onnx_runtime.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(await externalData(IDENTITY_MODEL), null);
 * ```
 */
export async function externalData(file: Uint8Array): Promise<string | null> {
  const { at, name } = ORT_FORMAT;
  const start = file.subarray(at, at + name.length);
  if (new TextDecoder("latin1").decode(start) === name) {
    return "the runtime's own format, which can take data from other files";
  }
  const { BinaryReader }: ProtobufWire = await import(PROTOBUF_WIRE);

  /** Goes through all fields; of those that occur twice too, which parsers merge. */
  function search(bytes: Uint8Array, message: Message): boolean {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag();
      const value = wire === LENGTH ? reader.bytes() : reader.skip(wire, field);
      if (message === TENSOR) {
        if (field === EXTERNAL_DATA) return true;
        if (
          field === DATA_LOCATION && wire === VARINT &&
          value.some((byte) => (byte & 0x7f) !== 0)
        ) return true;
        continue;
      }
      const inner = message[field];
      if (inner !== undefined && wire === LENGTH && search(value, inner)) {
        return true;
      }
    }
    return false;
  }

  return search(file, MODEL) ? "weights in other files (external data)" : null;
}
