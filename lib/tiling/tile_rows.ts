/** Begins and ends the rows of tiles during a pass over tiles. */
import type { TileRow } from "./tile_plan.ts";

/** Called where a row of tiles begins and where it ends. */
export interface TileRowEvents {
  begin(line: TileRow): void | Promise<void>;
  end(line: TileRow): void | Promise<void>;
}

/**
 * Begins a row when its first tile comes and ends it when a tile of a later row
 * comes. Rows of which no tile comes are skipped.
 */
export class TileRowCursor {
  readonly #lines: readonly TileRow[];
  readonly #events: TileRowEvents;
  #open = -1;

  constructor(lines: readonly TileRow[], events: TileRowEvents) {
    this.#lines = lines;
    this.#events = events;
  }

  /**
   * Begins the row at `index` unless it is open, and returns it; rows come in
   * order.
   */
  async at(index: number): Promise<TileRow> {
    const line = this.#lines[index]!;
    if (index !== this.#open) {
      await this.end();
      this.#open = index;
      await this.#events.begin(line);
    }
    return line;
  }

  /** Ends the open row, if any. */
  async end(): Promise<void> {
    if (this.#open < 0) return;
    const line = this.#lines[this.#open]!;
    this.#open = -1;
    await this.#events.end(line);
  }
}
