/** Which shapes of a network are recorded. */
import type { Dims } from "./gpu_tensor.ts";
import type { RecordedNetwork } from "./recorded_network.ts";
import { firstLine } from "./unavailable.ts";

/** Runs of a shape before it is recorded: what that costs comes back within so many more. */
const RUNS_BEFORE = 8;
/** Most recordings of a network: each holds what lies between its kernels. */
const MOST_RECORDINGS = 2;
/** Most shapes whose runs are counted. */
const MOST_SHAPES = 64;

/** The recordings of one network, those of the shapes used last. */
export class Recordings {
  readonly #open: (inputs: Dims, outputs: Dims) => Promise<RecordedNetwork>;
  /** By shape, the one used last at the end. */
  readonly #kept = new Map<string, RecordedNetwork>();
  readonly #runs = new Map<string, number>();
  #why: string | null = null;

  constructor(open: (inputs: Dims, outputs: Dims) => Promise<RecordedNetwork>) {
    this.#open = open;
  }

  /** Why nothing is recorded; `null` while something may be. */
  get why(): string | null {
    return this.#why;
  }

  /** How many there are. */
  get size(): number {
    return this.#kept.size;
  }

  /** The recording of a shape that was made before. */
  find(inputs: Dims, outputs: Dims): RecordedNetwork | null {
    const shape = shapeOf(inputs, outputs);
    const known = this.#kept.get(shape);
    if (known === undefined) return null;
    this.#kept.delete(shape);
    this.#kept.set(shape, known);
    return known;
  }

  /** A new recording, if the shape was run often enough; the caller checks what it gives. */
  async make(inputs: Dims, outputs: Dims): Promise<RecordedNetwork | null> {
    if (this.#why !== null) return null;
    const shape = shapeOf(inputs, outputs);
    const runs = (this.#runs.get(shape) ?? 0) + 1;
    this.#runs.delete(shape);
    if (runs < RUNS_BEFORE) {
      this.#runs.set(shape, runs);
      if (this.#runs.size > MOST_SHAPES) this.#runs.delete(first(this.#runs));
      return null;
    }
    if (this.#kept.size >= MOST_RECORDINGS) {
      const oldest = first(this.#kept);
      const evicted = this.#kept.get(oldest)!;
      this.#kept.delete(oldest);
      await evicted.release();
    }
    try {
      const made = await this.#open(inputs, outputs);
      this.#kept.set(shape, made);
      return made;
    } catch (error) {
      await this.stop(firstLine(error));
      return null;
    }
  }

  /** Frees all, and records nothing any more. */
  async stop(why: string): Promise<void> {
    this.#why ??= why;
    this.#runs.clear();
    const kept = [...this.#kept.values()];
    this.#kept.clear();
    for (const recorded of kept) await recorded.release();
  }
}

function first(shapes: ReadonlyMap<string, unknown>): string {
  return shapes.keys().next().value!;
}

function shapeOf(inputs: Dims, outputs: Dims): string {
  return JSON.stringify([inputs, outputs]);
}
