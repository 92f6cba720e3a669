/** Takes a pass over tiles from line to line. */
import type { Line } from "./tile_plan.ts";

/** What happens where a line begins and ends. */
export interface LineEvents {
  begin(line: Line): void | Promise<void>;
  end(line: Line): void | Promise<void>;
}

/**
 * Begins a line when the first of its tiles comes and ends it when one of a
 * later line does. Lines of which no tile comes are passed over.
 */
export class LineWalk {
  readonly #lines: readonly Line[];
  readonly #events: LineEvents;
  #open = -1;

  constructor(lines: readonly Line[], events: LineEvents) {
    this.#lines = lines;
    this.#events = events;
  }

  /** The line at `index`, begun; lines come in order. */
  async at(index: number): Promise<Line> {
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
