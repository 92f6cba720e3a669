/** Writes lines for a reader that may be slow or leave. */

/** Most characters that may wait for the reader. */
const MOST_WAITING = 2 ** 20;

/**
 * Writes lines in order without blocking the caller, even if the reader pauses.
 * When too many characters wait, further lines are counted and dropped.
 */
export class LineWriter {
  readonly #write: (bytes: Uint8Array) => Promise<number>;
  #waiting: string[] = [];
  #length = 0;
  #lost = 0;
  #writing: Promise<void> | null = null;

  /** @param write Writes some of the bytes; returns how many. */
  constructor(write: (bytes: Uint8Array) => Promise<number>) {
    this.#write = write;
  }

  add(line: string): void {
    if (this.#length + line.length > MOST_WAITING) this.#lost++;
    else {
      this.#waiting.push(line + "\n");
      this.#length += line.length + 1;
    }
    this.#writing ??= this.#writeAll().finally(() => this.#writing = null);
  }

  /** Waits until all is written, but at most `ms` milliseconds. */
  async flush(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) =>
      timer = setTimeout(resolve, ms)
    );
    await Promise.race([this.#writing, late]);
    clearTimeout(timer);
  }

  async #writeAll(): Promise<void> {
    // Write lines of the same moment together.
    await Promise.resolve();
    while (this.#waiting.length > 0 || this.#lost > 0) {
      let text = this.#waiting.join("");
      this.#waiting = [];
      this.#length = 0;
      if (this.#lost > 0) {
        const time = new Date().toISOString();
        const event = "log-lines-lost";
        text += JSON.stringify({ time, event, lines: this.#lost }) + "\n";
        this.#lost = 0;
      }
      let bytes = new TextEncoder().encode(text);
      try {
        while (bytes.length > 0) {
          bytes = bytes.subarray(await this.#write(bytes));
        }
      } catch {
        // The log's reader has left; the service goes on.
      }
    }
  }
}
