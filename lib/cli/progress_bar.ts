/** The line on a terminal that says how far a batch has come. */
import type { Progress } from "../types.ts";
import { printable, writeText } from "../flags/terminal.ts";

/** Where a bar is drawn; standard error fits. */
export interface Terminal {
  writeSync(bytes: Uint8Array): number;
}

/** Where a batch stands. */
export interface ProgressState {
  /** Images finished. */
  readonly done: number;
  /** Images in all. */
  readonly total: number;
  /** The image in work. */
  readonly name: string;
  /** How far it is; `null` before its first report. */
  readonly progress: Progress | null;
  /** Milliseconds since the batch began. */
  readonly elapsed: number;
}

/** Share of an image's time that each stage ends at, roughly; it decides only the bar and the time left. */
const STAGES: Readonly<Record<Progress["stage"], readonly [number, number]>> = {
  // Before anything else; how much of it there will be is not known.
  download: [0, 0],
  // Never where one image is worked on after the other.
  queue: [0, 0],
  decode: [0, 0.05],
  mask: [0.05, 0.3],
  restore: [0.3, 0.95],
  encode: [0.95, 1],
};

/** Milliseconds before a time left is named: earlier it would only jump. */
const SETTLING = 2000;

const BAR = 20;

/** Share of the batch that is done, 0..1. */
export function fraction({ done, total, progress }: ProgressState): number {
  let image = 0;
  if (progress !== null) {
    const [from, to] = STAGES[progress.stage];
    const inside = progress.total > 0 ? progress.done / progress.total : 0;
    image = from + (to - from) * inside;
  }
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

/** A length of time in words: `45 s`, `3 min 20 s`, `1 h 5 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Draws the line over itself. */
export class ProgressBar implements Disposable {
  readonly #terminal: Terminal;
  readonly #columns: () => number;
  readonly #began = performance.now();
  readonly #total: number;
  #done = 0;
  #name = "";
  #shown = false;

  /**
   * @param total Images in all.
   * @param columns The terminal's width, asked each time: windows are resized.
   */
  constructor(terminal: Terminal, total: number, columns: () => number) {
    this.#terminal = terminal;
    this.#total = total;
    this.#columns = columns;
  }

  /** Goes on to the next image. */
  start(done: number, name: string): void {
    this.#done = done;
    this.#name = name;
    this.update(null);
  }

  /** Shows how far the image has come. */
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

  /** Takes the line away, so that other text can be printed in its place. */
  clear(): void {
    if (this.#shown) this.#write("\r\x1b[K");
    this.#shown = false;
  }

  #write(text: string): void {
    try {
      writeText(this.#terminal, text);
    } catch {
      // A terminal that is gone stops no work.
    }
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
