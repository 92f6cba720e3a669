/**
 * Reuses a canvas's few arrays for every tile: memory costs most when it is
 * first touched.
 */

/** One array for each name; it is replaced when a longer one is asked for. */
export class BufferPool {
  readonly #arrays = new Map<string, Float32Array<ArrayBuffer>>();

  /**
   * An array of that length. Its contents are undefined: zeros, or what was
   * last written under that name.
   */
  floats(name: string, length: number): Float32Array<ArrayBuffer> {
    let array = this.#arrays.get(name);
    if (array === undefined || array.length < length) {
      array = new Float32Array(length);
      this.#arrays.set(name, array);
    }
    return array.subarray(0, length);
  }
}
