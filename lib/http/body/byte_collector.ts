/** Collects bytes that arrive in pieces. */

/** Smallest buffer in bytes. */
const SMALLEST = 65_536;

/**
 * Collects pieces in one buffer, so that they are not copied at the end. The
 * system does not allocate memory that is not written to.
 */
export class ByteCollector {
  #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** @param expected Bytes to make room for. */
  constructor(expected: number) {
    this.#buffer = new Uint8Array(Math.max(expected, SMALLEST));
  }

  /** The bytes received so far, in the collector's buffer. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
  }
}
