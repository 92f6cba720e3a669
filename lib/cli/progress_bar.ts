/** The progress line of a batch on a terminal. */
import type { Progress } from "../types.ts";
import { printable, writeText } from "../flags/terminal.ts";

/** Where a bar is drawn, such as standard error. */
export interface Terminal {
  writeSync(bytes: Uint8Array): number;
}

/** Progress of a batch. */
export interface ProgressState {
  /** Number of finished images. */
  readonly done: number;
  /** Number of images. */
  readonly total: number;
  /** Name of the current image. */
  readonly name: string;
  /** Progress of the current image; `null` before its first report. */
  readonly progress: Progress | null;
  /** Milliseconds since the batch began. */
  readonly elapsed: number;
}

/** Milliseconds before the time left is shown: earlier it would jump. */
const SETTLING = 2000;

const BAR = 20;

/** Fraction of the batch that is done, 0..1. */
function fraction({ done, total, progress }: ProgressState): number {
  const image = progress?.fraction ?? 0;
  return Math.min(1, (done + image) / Math.max(1, total));
}

/** The line, at most `columns` long. */
export function progressLine(standing: ProgressState, columns: number): string {
  const { done, total, name, progress, elapsed } = standing;
  const share = fraction(standing);
  const filled = Math.round(share * BAR);
  const bar = `[${"#".repeat(filled)}${"-".repeat(BAR - filled)}]`;
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  const left = share > 0 && elapsed >= SETTLING
    ? `  ${duration(elapsed * (1 / share - 1))} left`
    : "";
  const image = total > 1 ? `image ${Math.min(done + 1, total)}/${total} ` : "";
  const stage = progress === null
    ? "starting"
    : progress.stage === "download"
    ? `downloading a model ${
      Math.floor(100 * progress.done / progress.total)
    } %`
    : progress.total > 1
    ? `${progress.stage} tile ${progress.done}/${progress.total}`
    : progress.stage;
  const line = `${bar} ${percent}  ${image}${printable(name)}  ${stage}${left}`;
  return [...line].slice(0, Math.max(0, columns)).join("");
}

/** A duration as text: `45 s`, `3 min 20 s`, `1 h 5 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Draws the progress line, each time over the last. */
export class ProgressBar implements Disposable {
  readonly #terminal: Terminal;
  readonly #columns: () => number;
  #began = 0;
  #total = 0;
  #done = 0;
  #name = "";
  #shown = false;

  /** @param columns The terminal's width, which changes when it is resized. */
  constructor(terminal: Terminal, columns: () => number) {
    this.#terminal = terminal;
    this.#columns = columns;
  }

  /** Begins a batch of `total` images; a watch has many. */
  begin(total: number): void {
    this.#began = performance.now();
    this.#total = total;
  }

  /**
   * Begins the next image.
   *
   * @param done Finished images of the batch.
   */
  start(done: number, name: string): void {
    this.#done = done;
    this.#name = name;
    this.update(null);
  }

  /** Shows the image's progress. */
  update(progress: Progress | null): void {
    const line = progressLine({
      done: this.#done,
      total: this.#total,
      name: this.#name,
      progress,
      elapsed: performance.now() - this.#began,
    }, this.#columns() - 1);
    this.#write(`\r${line}\x1b[K`);
    this.#shown = true;
  }

  /** Removes the line, so that other text can take its place. */
  clear(): void {
    if (this.#shown) this.#write("\r\x1b[K");
    this.#shown = false;
  }

  #write(text: string): void {
    try {
      writeText(this.#terminal, text);
    } catch {
      // The work goes on without a terminal.
    }
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
