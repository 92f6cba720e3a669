/** A device with its networks, replaced when it breaks. */
import type { Backend } from "./backend/backend.ts";
import { LimpidError } from "./errors.ts";
import type { Model } from "./model.ts";
import type { ModelQuery, Store } from "./models/store.ts";

/** Opens a device after another broke. */
export type OpenBackend = (broken: Backend) => Promise<Backend>;

/** One backend and what is loaded on it. */
export class Engine implements AsyncDisposable {
  readonly backend: Backend;
  readonly #store: Store;
  readonly #models = new Map<string, Promise<Model>>();

  constructor(backend: Backend, store: Store) {
    this.backend = backend;
    this.#store = store;
  }

  /** The network, loaded once; calls that come meanwhile wait for the same. */
  load(query: ModelQuery): Promise<Model> {
    const entry = this.#store.find({ ...query });
    const known = this.#models.get(entry.id);
    if (known !== undefined) return known;
    const load = async (): Promise<Model> => {
      const bytes = await this.#store.get(entry.id);
      const session = await this.backend.load(entry.id, bytes, entry.graph);
      return { entry, session };
    };
    const model = load();
    this.#models.set(entry.id, model);
    // The next call tries again.
    model.catch(() => this.#models.delete(entry.id));
    return model;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backend[Symbol.asyncDispose]();
  }
}

/** Keeps an {@linkcode Engine}, and opens another where one breaks under a job. */
export class Engines implements AsyncDisposable {
  readonly #open: OpenBackend;
  readonly #store: Store;
  #engine: Engine;
  /** The opening of the next one; jobs that fail together wait for the same. */
  #next: Promise<Engine> | null = null;
  #disposed = false;

  /** @param open Opens the device anew. */
  constructor(backend: Backend, store: Store, open: OpenBackend) {
    this.#engine = new Engine(backend, store);
    this.#store = store;
    this.#open = open;
  }

  get backend(): Backend {
    return this.#engine.backend;
  }

  /**
   * Does a job. Where the device is lost under it, its runtime crashes or its
   * numbers are wrong, once more from its beginning on a new one.
   *
   * @throws {LimpidError} what the job throws; `device-unavailable` where no
   * device can be opened any more.
   */
  async run<T>(job: (engine: Engine) => Promise<T>): Promise<T> {
    const engine = await this.#working();
    try {
      return await job(engine);
    } catch (error) {
      if (engine.backend.broken === null || this.#disposed) throw error;
      return await job(await this.#working());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#engine[Symbol.asyncDispose]();
  }

  /** The engine, a new one where the last is broken. */
  async #working(): Promise<Engine> {
    if (this.#disposed) {
      throw new LimpidError(
        "device-failed",
        "This restorer was disposed of; create another.",
      );
    }
    if (this.#engine.backend.broken === null) return this.#engine;
    this.#next ??= this.#replace().finally(() => this.#next = null);
    return await this.#next;
  }

  async #replace(): Promise<Engine> {
    await this.#engine[Symbol.asyncDispose]();
    this.#engine = new Engine(
      await this.#open(this.#engine.backend),
      this.#store,
    );
    return this.#engine;
  }
}
