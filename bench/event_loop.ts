/** How long the main thread was kept from doing anything else. */

/** Milliseconds between two looks. */
const PERIOD = 5;

/** Looks at the clock every 5 ms; where the event loop is blocked, it looks late. */
export class EventLoop {
  readonly #looks: number[] = [performance.now()];
  readonly #timer = setInterval(() => this.#look(), PERIOD);

  /** Stops looking. */
  stop(): void {
    clearInterval(this.#timer);
    this.#look();
  }

  /**
   * The longest time without a look from one time of `performance.now()` to
   * another; 5 ms or a little more where nothing blocked.
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
