/** Handles Ctrl-C: the first stops the work cleanly, the second at once. */
import { removeParts } from "./write_file.ts";

/**
 * Milliseconds within which a repeated signal counts as the same: the terminal
 * sends it to every process, and npx and `deno task` pass it on.
 */
const ECHO = 500;

/** Listens for SIGINT and SIGTERM until it is disposed of. */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners: [Deno.Signal, () => void][];
  #code: number | null = null;
  #since = 0;

  constructor() {
    const codes = [["SIGINT", 130], ["SIGTERM", 143]] as const;
    this.#listeners = codes.map(([signal, code]) => [signal, () => {
      if (this.#code === null) {
        this.#code = code;
        this.#since = performance.now();
        this.#controller.abort();
      } else if (performance.now() - this.#since > ECHO) {
        removeParts();
        Deno.exit(code);
      }
    }]);
    for (const [signal, listener] of this.#listeners) {
      Deno.addSignalListener(signal, listener);
    }
  }

  /** Aborts at the first interruption. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code for the interruption; `null` before one. */
  get code(): number | null {
    return this.#code;
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) {
      Deno.removeSignalListener(signal, listener);
    }
  }
}
