/** Bytes that come in pieces, put one after the other as they come. */

/** Bytes to begin with where nothing is known. */
const SMALLEST = 65_536;

/**
 * Collects pieces in one buffer, so that they are not there twice at the end.
 * Memory that is not written to is not taken.
 */
export class ByteCollector {
  #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** @param expected Bytes to make room for. */
  constructor(expected: number) {
    this.#buffer = new Uint8Array(Math.max(expected, SMALLEST));
  }

  /** What has come so far, in the collector's own buffer. */
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
