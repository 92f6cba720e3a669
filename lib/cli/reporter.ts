/** Reports results, even if the reader of the output leaves. */
import { LimpidError } from "../errors.ts";
import { errorLine } from "./report.ts";
import {
  complain,
  outputFault,
  printable,
  writeText,
} from "../flags/terminal.ts";

/** Where lines are written, such as standard output. */
export interface LineSink {
  writeSync(bytes: Uint8Array): number;
}

/**
 * Writes lines. Where that fails, the work goes on without reports, because its
 * results are files. Where the reader has closed the output, no error is
 * reported; any other fault is reported once, on standard error.
 */
export class Reporter {
  readonly #sink: LineSink;
  #silent = false;
  #failed = false;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  /** Whether lines were lost although the reader has not left. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Writes one line, without control characters. */
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
