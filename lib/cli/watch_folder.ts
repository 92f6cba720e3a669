/** Finds new images in folders once they are complete. */
import { setTimeout as pause } from "node:timers/promises";
import { type ErrorCode, LimpidError } from "../errors.ts";
import type { Inputs } from "./inputs.ts";

/** Milliseconds between two looks: polling works on every kind of mount. */
const PERIOD = 1000;
/** Milliseconds after which an image is given again that failed for a fault that may pass. */
const AGAIN = 60_000;
/** How often the pause doubles, to an hour: some of these faults never pass, and each try may take long. */
const DOUBLED = 6;

/** Faults of what is around an image: a disk that is full, a device that is lost, a folder that is away. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  "unreadable",
  "unwritable",
  "model-missing",
  "device-failed",
  "codec-failed",
  "out-of-memory",
]);

/** Why an image failed. */
interface Fault {
  /** Of the file then. */
  readonly state: string | undefined;
  readonly message: string;
  /** How often it was the same. */
  readonly again: number;
  /** When the image is returned again. */
  due: number;
}

/** Finds images that are added to folders. */
export class FolderWatch {
  readonly #find: () => Promise<Inputs>;
  /** Size and time of each file when it was returned. */
  readonly #given = new Map<string, string>();
  /** Those that failed for such a fault. */
  readonly #faults = new Map<string, Fault>();
  readonly #pause: number;
  /** Size and time of each file at the last look. */
  #seen = new Map<string, string>();

  /** What was wrong at the last look; empty for nothing. */
  #fault = "";

  /**
   * @param find Lists the images in the folders.
   * @param done Images that are not returned until they change.
   * @param pause Milliseconds after which an image that failed is returned again.
   */
  constructor(
    find: () => Promise<Inputs>,
    done: readonly string[],
    pause = AGAIN,
  ) {
    this.#find = find;
    this.#pause = pause;
    for (const path of done) this.#given.set(path, stateOf(path));
  }

  /**
   * Must be called with each image that failed: one whose fault may pass is
   * returned again after a while, and after twice as long each time.
   *
   * @returns whether it failed so before, and is the same file
   */
  failed(path: string, { code, message }: LimpidError): boolean {
    if (!PASSING.has(code)) return false;
    const state = this.#given.get(path);
    const before = this.#faults.get(path);
    const isSame = before?.state === state && before?.message === message;
    const again = isSame ? before!.again + 1 : 0;
    const pause = this.#pause * 2 ** Math.min(again, DOUBLED);
    const due = performance.now() + pause;
    this.#faults.set(path, { state, message, again, due });
    return isSame;
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
        (this.#given.get(path) !== state || this.#isDue(path))
      );
      for (const [path, state] of ready) {
        this.#given.set(path, state);
        const fault = this.#faults.get(path);
        if (fault !== undefined) fault.due = Infinity;
      }
      if (ready.length > 0) return ready.map(([path]) => path);
    }
    return [];
  }

  #isDue(path: string): boolean {
    return (this.#faults.get(path)?.due ?? Infinity) <= performance.now();
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
