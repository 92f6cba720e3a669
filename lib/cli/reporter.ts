/** Reports results, even if the reader of the output leaves, or takes no more. */
import { setTimeout as pause } from "node:timers/promises";
import { LimpidError } from "../errors.ts";
import { errorLine } from "./report.ts";
import { complain, outputFault, printable } from "../flags/terminal.ts";
import { afterAbort } from "../workers/after_abort.ts";

/** Where lines are written, such as standard output. */
export interface LineSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** Milliseconds that a line may take once the work is interrupted. */
const LAST = 1000;
/** Milliseconds until a full output is tried again. */
const AGAIN = 20;

/**
 * Writes lines. Where that fails, the work goes on without reports, because its
 * results are files. Where the reader has closed the output, no error is
 * reported; any other fault is reported once, on standard error. A reader who
 * takes no more holds up the work, and not its interruption.
 */
export class Reporter {
  readonly #sink: LineSink;
  readonly #signal: AbortSignal | null;
  #silent = false;
  #failed = false;

  /** @param signal Aborts when the work is interrupted. */
  constructor(sink: LineSink, signal: AbortSignal | null = null) {
    this.#sink = sink;
    this.#signal = signal;
  }

  /** Whether lines were lost although the reader has not left. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Writes one line, without control characters, and waits for it; one at a time. */
  async line(text: string): Promise<void> {
    if (this.#silent) return;
    try {
      const late = Promise.withResolvers<false>();
      using _ = afterAbort(this.#signal, LAST, () => late.resolve(false));
      const bytes = new TextEncoder().encode(printable(text) + "\n");
      const isTaken = await Promise.race([this.#write(bytes), late.promise]);
      if (!isTaken) this.#silent = true;
    } catch (error) {
      this.#silent = true;
      const fault = outputFault(error);
      if (!(fault instanceof LimpidError)) return;
      this.#failed = true;
      complain(errorLine(null, fault) + "\n");
    }
  }

  async #write(bytes: Uint8Array): Promise<true> {
    while (bytes.length > 0 && !this.#silent) {
      try {
        bytes = bytes.subarray(await this.#sink.write(bytes));
      } catch (error) {
        // Who shares the output may have made it one that does not wait.
        if (!(error instanceof Deno.errors.WouldBlock)) throw error;
        await pause(AGAIN);
      }
    }
    return true;
  }
}
