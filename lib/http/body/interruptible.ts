/**
 * Waits that can be ended together. `Promise.race` against one promise that
 * lasts would keep every other one until that ends: a body of a million pieces
 * would be held a million times.
 */
export class Interruptible {
  #fail: ((reason: unknown) => void) | null = null;
  #interrupted = false;
  #reason: unknown;

  /** Ends the present wait and all later ones; the first reason counts. */
  interrupt(reason: unknown): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    this.#reason = reason;
    this.#fail?.(reason);
  }

  /** Waits for a value, one at a time; throws the reason of an interruption. */
  async wait<T>(value: T | PromiseLike<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    // What comes too late is nobody's.
    Promise.resolve(value).then(resolve, reject);
    this.#fail = reject;
    if (this.#interrupted) reject(this.#reason);
    try {
      return await promise;
    } finally {
      this.#fail = null;
    }
  }
}
