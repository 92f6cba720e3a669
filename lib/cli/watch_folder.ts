/** Finds new images in folders once they are complete. */
import { setTimeout as pause } from "node:timers/promises";
import type { Inputs } from "./inputs.ts";

/** Milliseconds between two looks: polling works on every kind of mount. */
const PERIOD = 1000;

/** Finds images that are added to folders. */
export class FolderWatch {
  readonly #find: () => Promise<Inputs>;
  /** Size and time of each file when it was returned. */
  readonly #given = new Map<string, string>();
  /** Size and time of each file at the last look. */
  #seen = new Map<string, string>();

  /** @param find Lists the images in the folders. */
  constructor(find: () => Promise<Inputs>) {
    this.#find = find;
  }

  /**
   * Waits for images that are new or changed and have not changed for a second;
   * returns none once the signal aborts.
   */
  async next(signal: AbortSignal): Promise<readonly string[]> {
    while (!signal.aborted) {
      await pause(PERIOD, null, { signal }).catch(() => {});
      const before = this.#seen;
      this.#seen = new Map(
        (await this.#find()).paths.map((path) => [path, stateOf(path)]),
      );
      const ready = [...this.#seen].filter(([path, state]) =>
        state !== "" && before.get(path) === state &&
        this.#given.get(path) !== state
      );
      for (const [path, state] of ready) this.#given.set(path, state);
      if (ready.length > 0) return ready.map(([path]) => path);
    }
    return [];
  }
}

/** A text that changes when the file does; empty where there is no file. */
function stateOf(path: string): string {
  try {
    const { size, mtime } = Deno.statSync(path);
    return `${size} ${mtime?.getTime()}`;
  } catch {
    return "";
  }
}
