/** Measures how long the main thread was blocked. */

/** Milliseconds between two ticks. */
const PERIOD = 5;

/** Ticks every 5 ms; where the event loop is blocked, a tick is late. */
export class EventLoop {
  readonly #looks: number[] = [performance.now()];
  readonly #timer = setInterval(() => this.#look(), PERIOD);

  /** Stops the timer. */
  stop(): void {
    clearInterval(this.#timer);
    this.#look();
  }

  /**
   * The longest time without a tick between two times of `performance.now()`;
   * little more than 5 ms where nothing blocked.
   */
  longestGap(from: number, to: number): number {
    return this.#looks.reduce((longest, look, i) => {
      const next = this.#looks[i + 1] ?? look;
      return Math.max(longest, Math.min(next, to) - Math.max(look, from));
    }, 0);
  }

  #look(): void {
    this.#looks.push(performance.now());
  }
}
