/** Reads a body piece by piece, and gives up on servers that send nothing. */
import { TransientError } from "./retry.ts";

/**
 * Bytes of the memory that a body is read into. Fast servers fill most of it
 * at once; each read takes time.
 */
export const PIECE: number = 2 ** 19;

/** Reads a body. Dispose of it, and what is left of the body is not sent. */
export class BodyReader implements Disposable {
  readonly #reader:
    | ReadableStreamBYOBReader
    | ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #idleTimeoutMs: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #buffer = new ArrayBuffer(PIECE);
  /** Since when something is waited for; `null` while nothing is: disks may be slow too. */
  #since: number | null = null;
  #stalled = false;

  /** @param idleTimeoutMs Milliseconds that nothing may come. */
  constructor(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
    idleTimeoutMs: number,
  ) {
    this.#reader = readerOf(body);
    this.#idleTimeoutMs = idleTimeoutMs;
    // One timer for the whole body: one for each of its pieces takes time.
    this.#timer = setInterval(() => {
      const since = this.#since;
      if (since === null || performance.now() - since < idleTimeoutMs) return;
      this.#stalled = true;
      this.#reader.cancel().catch(() => {});
    }, Math.max(10, idleTimeoutMs / 8));
  }

  /**
   * The next piece, good until the next call unless its memory was exchanged;
   * `null` at the end.
   *
   * @throws {TransientError} where none comes
   */
  async next(signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null> {
    this.#since = performance.now();
    try {
      const { done, value } = await this.#read();
      this.#check();
      return done || value === undefined ? null : value;
    } catch (error) {
      this.#check();
      if (signal.aborted) throw error;
      throw new TransientError("the connection broke", 0, error);
    } finally {
      this.#since = null;
    }
  }

  /** Leaves the last piece's memory to the caller, and reads into other memory of {@linkcode PIECE} bytes. */
  exchange(memory: ArrayBuffer): void {
    this.#buffer = memory;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#reader.cancel().catch(() => {});
  }

  async #read(): Promise<
    { done: boolean; value?: Uint8Array<ArrayBuffer> | undefined }
  > {
    if (!(this.#reader instanceof ReadableStreamBYOBReader)) {
      return await this.#reader.read();
    }
    // The same memory again and again: no garbage.
    const result = await this.#reader.read(new Uint8Array(this.#buffer));
    if (result.value !== undefined) this.#buffer = result.value.buffer;
    return result;
  }

  #check(): void {
    if (!this.#stalled) return;
    throw new TransientError(
      `the server sent nothing for ${this.#idleTimeoutMs / 1000} s`,
    );
  }
}

function readerOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
):
  | ReadableStreamBYOBReader
  | ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    // A decompressed body has pieces of its own.
    return body.getReader();
  }
}
