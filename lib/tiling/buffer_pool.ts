/** The arrays of one canvas: a few, each used again for every tile, since memory costs most when first touched. */

/** Arrays by name. One that is asked for longer is replaced; there are never more than names. */
export class BufferPool {
  readonly #arrays = new Map<string, Float32Array<ArrayBuffer>>();

  /** An array of that length. What it holds is undefined: what was there when its name was last asked for, or 0. */
  floats(name: string, length: number): Float32Array<ArrayBuffer> {
    let array = this.#arrays.get(name);
    if (array === undefined || array.length < length) {
      array = new Float32Array(length);
      this.#arrays.set(name, array);
    }
    return array.subarray(0, length);
  }
}
