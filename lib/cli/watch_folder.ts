/** Finds new images in folders once they are complete. */
import { setTimeout as pause } from "node:timers/promises";
import { LimpidError } from "../errors.ts";
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

  /** What was wrong at the last look; empty for nothing. */
  #fault = "";

  /**
   * @param find Lists the images in the folders.
   * @param done Images that are not returned until they change.
   */
  constructor(find: () => Promise<Inputs>, done: readonly string[]) {
    this.#find = find;
    for (const path of done) this.#given.set(path, stateOf(path));
  }

  /**
   * Waits for images that are new or changed and have not changed for a second;
   * returns none once the signal aborts. A folder that cannot be listed now may
   * be there again later: its fault is returned once.
   */
  async next(signal: AbortSignal): Promise<readonly string[] | LimpidError> {
    while (!signal.aborted) {
      await pause(PERIOD, null, { signal }).catch(() => {});
      const before = this.#seen;
      const found = await this.#look();
      if (found instanceof LimpidError) {
        const isKnown = found.message === this.#fault;
        this.#fault = found.message;
        if (isKnown) continue;
        return found;
      }
      this.#fault = "";
      this.#seen = new Map(found.map((path) => [path, stateOf(path)]));
      const ready = [...this.#seen].filter(([path, state]) =>
        state !== "" && before.get(path) === state &&
        this.#given.get(path) !== state
      );
      for (const [path, state] of ready) this.#given.set(path, state);
      if (ready.length > 0) return ready.map(([path]) => path);
    }
    return [];
  }

  async #look(): Promise<readonly string[] | LimpidError> {
    try {
      return (await this.#find()).paths;
    } catch (error) {
      if (error instanceof LimpidError) return error;
      throw error;
    }
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
