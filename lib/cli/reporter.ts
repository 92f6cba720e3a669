/** Tells of results, whatever becomes of those who listen. */
import { LimpidError } from "../errors.ts";
import { errorLine } from "./report.ts";
import {
  complain,
  outputFault,
  printable,
  writeText,
} from "../flags/terminal.ts";

/** Where lines are written; standard output fits. */
export interface LineSink {
  writeSync(bytes: Uint8Array): number;
}

/**
 * Writes lines. Where that fails, the work goes on in silence: results are
 * files, and a file that is written is done. A reader that has left knows that
 * it has; any other fault is told once, on standard error.
 */
export class Reporter {
  readonly #sink: LineSink;
  #silent = false;
  #failed = false;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  /** Whether lines were lost that somebody may still wait for. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Writes one line, without what terminals obey. */
  line(text: string): void {
    if (this.#silent) return;
    try {
      writeText(this.#sink, printable(text) + "\n");
    } catch (error) {
      this.#silent = true;
      const fault = outputFault(error);
      if (!(fault instanceof LimpidError)) return;
      this.#failed = true;
      complain(errorLine(null, fault) + "\n");
    }
  }
}
