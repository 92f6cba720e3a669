/** Takes a pass over tiles from line to line. */
import type { TileRow } from "./tile_plan.ts";

/** What happens where a line begins and ends. */
export interface TileRowEvents {
  begin(line: TileRow): void | Promise<void>;
  end(line: TileRow): void | Promise<void>;
}

/**
 * Begins a line when the first of its tiles comes and ends it when one of a
 * later line does. Lines of which no tile comes are passed over.
 */
export class TileRowCursor {
  readonly #lines: readonly TileRow[];
  readonly #events: TileRowEvents;
  #open = -1;

  constructor(lines: readonly TileRow[], events: TileRowEvents) {
    this.#lines = lines;
    this.#events = events;
  }

  /** The line at `index`, begun; lines come in order. */
  async at(index: number): Promise<TileRow> {
    const line = this.#lines[index]!;
    if (index !== this.#open) {
      await this.end();
      this.#open = index;
      await this.#events.begin(line);
    }
    return line;
  }

  /** Ends the line that is open. */
  async end(): Promise<void> {
    if (this.#open < 0) return;
    const line = this.#lines[this.#open]!;
    this.#open = -1;
    await this.#events.end(line);
  }
}
