/** Writes lines for a reader that may be slow or leave, or to a disk that may be full for a while. */

/** Most characters that may wait for the reader. */
const MOST_WAITING = 2 ** 20;
const NEWLINE = 10;

/**
 * Writes lines in order without blocking the caller, even if the reader pauses.
 * When too many characters wait, further lines are counted and dropped, and so
 * are those that cannot be written; the next one that can be tells their number.
 */
export class LineWriter {
  readonly #write: (bytes: Uint8Array) => Promise<number>;
  #waiting: string[] = [];
  #length = 0;
  #lost = 0;
  /** Whether the last line was written in part. */
  #torn = false;
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
    let failed = false;
    // What is lost now is told with the next line.
    while (this.#waiting.length > 0 || (this.#lost > 0 && !failed)) {
      const lost = this.#lost;
      let text = this.#waiting.join("");
      this.#waiting = [];
      this.#length = 0;
      if (lost > 0) {
        const time = new Date().toISOString();
        const event = "log-lines-lost";
        text += JSON.stringify({ time, event, lines: lost }) + "\n";
        this.#lost = 0;
      }
      let bytes = new TextEncoder().encode(text);
      try {
        if (this.#torn) await this.#write(new Uint8Array([NEWLINE]));
        this.#torn = false;
        while (bytes.length > 0) {
          const count = await this.#write(bytes);
          this.#torn = bytes[count - 1] !== NEWLINE;
          bytes = bytes.subarray(count);
        }
        failed = false;
      } catch {
        // The log's reader has left, or its disk is full; the service goes on.
        failed = true;
        const unwritten = bytes.filter((byte) => byte === NEWLINE).length;
        // The last of them was to tell of those before.
        this.#lost += lost > 0 ? lost + unwritten - 1 : unwritten;
      }
    }
  }
}
