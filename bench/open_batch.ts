/** Networks that take several tiles at once; those that are shipped take one. */
import { PROTOBUF_WIRE, type ProtobufWire } from "../deps.ts";

/** Numbers of fields in onnx.proto, from a model to the first dimension of what its graph takes and gives. */
const GRAPH = 7, INPUT = 11, OUTPUT = 12, NAME = 1;
const TYPE = 2, TENSOR = 1, SHAPE = 2, DIMENSION = 1, SYMBOL = 2;
const BYTES = 2;

/**
 * The same network with an open first dimension of every output, and of those
 * inputs that every tile has for itself; it computes others once for all tiles.
 *
 * @param each Names of these inputs.
 * @throws where the bytes are no ONNX file
 */
export async function openBatch(
  file: Uint8Array<ArrayBuffer>,
  each: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const { BinaryReader, BinaryWriter }: ProtobufWire = await import(
    PROTOBUF_WIRE
  );

  /** The message with some of its fields changed; `null` leaves one as it is. */
  function changed(
    message: Uint8Array,
    change: (id: number, bytes: Uint8Array) => Uint8Array | null,
  ): Uint8Array<ArrayBuffer> {
    const reader = new BinaryReader(message);
    const writer = new BinaryWriter();
    while (reader.pos < reader.len) {
      const [id, wire] = reader.tag();
      writer.tag(id, wire);
      if (wire === BYTES) {
        const bytes = reader.bytes();
        writer.bytes(change(id, bytes) ?? bytes);
      } else writer.raw(reader.skip(wire, id));
    }
    return writer.finish();
  }

  function nameOf(value: Uint8Array): string {
    let name = "";
    changed(value, (id, bytes) => {
      if (id === NAME) name = new TextDecoder().decode(bytes);
      return null;
    });
    return name;
  }

  const open = new BinaryWriter().tag(SYMBOL, BYTES).string("n").finish();
  const opened = (value: Uint8Array): Uint8Array => {
    let first = true;
    const inside = (
      bytes: Uint8Array,
      [wanted, ...path]: readonly number[],
    ): Uint8Array =>
      changed(bytes, (id, within) => {
        if (id !== wanted) return null;
        if (path.length > 0) return inside(within, path);
        if (!first) return null;
        first = false;
        return open;
      });
    return inside(value, [TYPE, TENSOR, SHAPE, DIMENSION]);
  };
  return changed(
    file,
    (id, graph) =>
      id !== GRAPH
        ? null
        : changed(graph, (id, value) =>
          id === OUTPUT || (id === INPUT && each.includes(nameOf(value)))
            ? opened(value)
            : null),
  );
}
