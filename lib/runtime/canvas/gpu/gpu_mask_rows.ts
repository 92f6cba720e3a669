import type { Rectangle } from "../../../tiling/tile_plan.ts";
import type { Mask } from "../../../types.ts";
import type { GpuBufferPool, Reading } from "./gpu_buffer_pool.ts";

/** Bytes of rows that wait on the device, unless one row has more. */
const MOST_BYTES = 16 * 2 ** 20;

/** A row whose masks are on the device. */
interface Row {
  readonly area: Rectangle;
  /** Where its planes begin, and how long each is. */
  readonly at: number;
  readonly words: number;
}

/**
 * The masks of a pass, finished row by row. They stay on the device until many
 * are read back at once: each reading waits for the device.
 */
export class GpuMaskRows {
  readonly #memory: GpuBufferPool;
  readonly #planes: readonly (Mask | null)[];
  readonly #capacity: number;
  #rows: Row[] = [];
  #words = 0;

  /**
   * @param planes Where the masks of each channel go; those of others are dropped.
   * @param areas Of all rows of the pass.
   */
  constructor(
    memory: GpuBufferPool,
    planes: readonly (Mask | null)[],
    areas: readonly Rectangle[],
  ) {
    this.#memory = memory;
    this.#planes = planes;
    let [total, largest] = [0, 0];
    for (const area of areas) {
      const size = planes.length * wordsOf(area);
      total += size;
      largest = Math.max(largest, size);
    }
    this.#capacity = Math.max(Math.min(MOST_BYTES / 4, total), largest);
  }

  /** Room for the masks of a row: a plane of words for each channel from word `at` on. */
  async room(area: Rectangle): Promise<{ buffer: GPUBuffer; at: number }> {
    const words = wordsOf(area);
    const size = this.#planes.length * words;
    if (this.#words + size > this.#capacity) await this.read();
    const buffer = await this.#memory.buffer("masks", 4 * this.#capacity);
    const at = this.#words;
    this.#rows.push({ area, at, words });
    this.#words += size;
    return { buffer, at };
  }

  /** Reads what is on the device, together with other buffers. */
  async read(others: readonly Reading[] = []): Promise<void> {
    const source = await this.#memory.buffer("masks", 4);
    const result = new Uint8Array(4 * this.#words);
    await this.#memory.readAll([
      ...others,
      { source, bytes: result.length, result },
    ]);
    for (const { area, at, words } of this.#rows) {
      this.#planes.forEach((plane, c) => {
        if (plane === null) return;
        for (let y = 0; y < area.height; y++) {
          const from = 4 * (at + c * words) + y * area.width;
          plane.data.set(
            result.subarray(from, from + area.width),
            (area.y + y) * plane.width + area.x,
          );
        }
      });
    }
    this.#rows = [];
    this.#words = 0;
  }
}

/** Four pixels a word. */
export function wordsOf({ width, height }: Rectangle): number {
  return Math.ceil(width * height / 4);
}
