/** New images of folders, once they are there in full. */
import { setTimeout as pause } from "node:timers/promises";
import type { Inputs } from "./inputs.ts";

/** Milliseconds between two looks: polling works on mounts, too, that tell of no change. */
const PERIOD = 1000;

/** Finds images that come into folders. */
export class FolderWatch {
  readonly #find: () => Promise<Inputs>;
  /** Size and time of each file, when it was given out. */
  readonly #given = new Map<string, string>();
  /** At the last look. */
  #seen = new Map<string, string>();

  /** @param find Lists the images that are there. */
  constructor(find: () => Promise<Inputs>) {
    this.#find = find;
  }

  /** Waits for images that are new or were changed, and have not grown for a second; none once the signal is given. */
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

/** Changes when the file does; empty where there is none. */
function stateOf(path: string): string {
  try {
    const { size, mtime } = Deno.statSync(path);
    return `${size} ${mtime?.getTime()}`;
  } catch {
    return "";
  }
}
