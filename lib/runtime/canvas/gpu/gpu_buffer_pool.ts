/** The buffers of one canvas on a GPU: a few, each used again for every tile. */
import { LimpidError } from "../../../errors.ts";
import { complaintOf } from "./complaint_of.ts";

/** Most bytes that wait to be read back at once. */
const STAGING_BYTES = 16 * 2 ** 20;

/** The first bytes of a buffer, and where to write them. */
export interface Reading {
  readonly source: GPUBuffer;
  readonly bytes: number;
  readonly result: Uint8Array | Uint8ClampedArray;
}

/** A part of a {@linkcode Reading} from byte `at` on, which is mapped at byte `to`. */
interface Piece extends Reading {
  readonly at: number;
  readonly to: number;
}

/** Buffers by name. One that is asked for larger is replaced; there are never more than names. */
export class GpuBufferPool {
  readonly #device: GPUDevice;
  readonly #makeRoom: () => Promise<number>;
  readonly #buffers = new Map<string, GPUBuffer>();

  /** @param makeRoom Frees other memory where there is too little; returns how much it could, 0 for nothing. */
  constructor(
    device: GPUDevice,
    makeRoom: () => Promise<number> = () => Promise.resolve(0),
  ) {
    this.#device = device;
    this.#makeRoom = makeRoom;
  }

  /**
   * A storage buffer of at least `bytes`, its contents undefined.
   *
   * @throws {LimpidError} `out-of-memory`
   */
  async buffer(name: string, bytes: number): Promise<GPUBuffer> {
    const { STORAGE, COPY_DST, COPY_SRC } = GPUBufferUsage;
    return await this.#get(name, bytes, STORAGE | COPY_DST | COPY_SRC);
  }

  /** A buffer with these values, its bytes filled up to a multiple of 4. */
  async upload(
    name: string,
    { buffer, byteOffset, byteLength }: ArrayBufferView,
  ): Promise<GPUBuffer> {
    // The types do not know yet that memory which Workers share is fine.
    const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    const whole = Math.floor(byteLength / 4) * 4;
    const target = await this.buffer(name, Math.ceil(byteLength / 4) * 4);
    const { queue } = this.#device;
    if (whole > 0) queue.writeBuffer(target, 0, bytes.subarray(0, whole));
    if (whole < byteLength) {
      const rest = new Uint8Array(4);
      rest.set(bytes.subarray(whole));
      queue.writeBuffer(target, whole, rest);
    }
    return target;
  }

  /**
   * The first `bytes` of a buffer, when all that was submitted is done.
   *
   * @param result Where to write them. Default: a new array.
   */
  async read<B extends ArrayBufferLike = ArrayBuffer>(
    source: GPUBuffer,
    bytes: number,
    result = new Uint8Array(bytes) as Uint8Array<B> | Uint8ClampedArray<B>,
  ): Promise<Uint8Array<B>> {
    await this.readAll([{ source, bytes, result }]);
    return result as Uint8Array<B>;
  }

  /** Reads parts of buffers, as many as possible each time that the device is waited for. */
  async readAll(parts: readonly Reading[]): Promise<void> {
    for (const pieces of rounds(parts)) {
      const size = pieces.at(-1)!.to + padded(pieces.at(-1)!.bytes);
      const { MAP_READ, COPY_DST } = GPUBufferUsage;
      const staging = await this.#get("staging", size, MAP_READ | COPY_DST);
      const encoder = this.#device.createCommandEncoder();
      for (const { source, at, to, bytes } of pieces) {
        encoder.copyBufferToBuffer(source, at, staging, to, padded(bytes));
      }
      this.#device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ, 0, size);
      const mapped = staging.getMappedRange(0, size);
      for (const { result, at, to, bytes } of pieces) {
        result.set(new Uint8Array(mapped, to, bytes), at);
      }
      staging.unmap();
    }
  }

  /** Frees one buffer, or all. */
  free(name?: string): void {
    for (const [key, buffer] of this.#buffers) {
      if (name !== undefined && key !== name) continue;
      buffer.destroy();
      this.#buffers.delete(key);
    }
  }

  async #get(name: string, bytes: number, usage: number): Promise<GPUBuffer> {
    const known = this.#buffers.get(name);
    if (known !== undefined && known.size >= bytes) return known;
    this.free(name);
    // A larger one could be made, but not bound; smaller tiles make it smaller.
    const { maxStorageBufferBindingSize } = this.#device.limits;
    if (bytes > maxStorageBufferBindingSize) {
      throw outOfMemory(
        name,
        bytes,
        `a binding has at most ${maxStorageBufferBindingSize} bytes`,
      );
    }
    const size = Math.max(16, bytes);
    let buffer: GPUBuffer;
    const allocate = (): Promise<GPUError | null> =>
      complaintOf(this.#device, () => {
        buffer = this.#device.createBuffer({ label: name, size, usage });
      });
    let error = await allocate();
    if (error !== null && await this.#makeRoom() > 0) error = await allocate();
    if (error !== null) throw outOfMemory(name, size, error.message);
    this.#buffers.set(name, buffer!);
    return buffer!;
  }
}

function outOfMemory(name: string, bytes: number, cause: string): LimpidError {
  return new LimpidError(
    "out-of-memory",
    `The GPU has no ${
      Math.ceil(bytes / 2 ** 20)
    } MB left for the ${name}; use smaller tiles or another device.`,
    { cause },
  );
}

/** Cuts readings to pieces, and these to rounds for which the staging buffer suffices. */
function rounds(parts: readonly Reading[]): Piece[][] {
  const all: Piece[][] = [];
  let filled = STAGING_BYTES;
  for (const part of parts) {
    for (let at = 0; at < part.bytes;) {
      if (filled >= STAGING_BYTES) {
        all.push([]);
        filled = 0;
      }
      const bytes = Math.min(part.bytes - at, STAGING_BYTES - filled);
      all.at(-1)!.push({ ...part, at, to: filled, bytes });
      filled += padded(bytes);
      at += bytes;
    }
  }
  return all;
}

/** Copies take whole words. */
function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
