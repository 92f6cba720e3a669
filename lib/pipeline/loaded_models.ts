/** A device with its networks, replaced when it breaks. */
import type { Backend } from "../runtime/backend.ts";
import { LimpidError } from "../errors.ts";
import type { Model } from "./model.ts";
import type { ModelEntry, Size } from "../models/manifest.ts";
import type { Transfer } from "../models/single_flight.ts";
import type { ModelQuery, Store } from "../models/store.ts";
import type { Task } from "../types.ts";
import type { JobControl } from "../job_control.ts";

/** Opens a device after another broke. */
export type OpenBackend = (broken: Backend) => Promise<Backend>;

/** Nobody follows it, nobody stops it. */
const UNWATCHED: JobControl = { signal: null, onProgress: () => {} };

/** A store, and which of its models are wanted. */
export class ModelSelector implements Disposable {
  readonly store: Store;
  readonly #size: Size | "auto";

  /** @param size What is preferred; `auto`: what suits the device. */
  constructor(store: Store, size: Size | "auto") {
    this.store = store;
    this.#size = size;
  }

  /** The size that is preferred on a device: `large` where that takes seconds, `small` where it would take minutes. */
  sizeOn({ device, software }: Pick<Backend, "device" | "software">): Size {
    if (this.#size !== "auto") return this.#size;
    return device === "wasm" || software ? "small" : "large";
  }

  /**
   * The model of the preferred size; where there is none, that of another.
   *
   * @throws {LimpidError} `model-missing`
   */
  find(
    query: ModelQuery,
    on: Pick<Backend, "device" | "software">,
  ): ModelEntry {
    const size = query.size ?? this.sizeOn(on);
    const { device } = on;
    return this.has({ ...query, size, device })
      ? this.store.find({ ...query, size, device })
      : this.store.find({ ...query, device });
  }

  has({ kind, task, size, device }: ModelQuery): boolean {
    return this.store.models.some((model) =>
      model.kind === kind && model.task === (task ?? null) &&
      (size === undefined || model.size === size) &&
      (device === undefined || (model.devices?.includes(device) ?? true))
    );
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}

/** One backend and what is loaded on it. */
export class LoadedModels implements AsyncDisposable {
  readonly backend: Backend;
  readonly #choice: ModelSelector;
  readonly #models: Map<string, Promise<Model>>;

  /** @param models What is loaded on the backend already. */
  constructor(
    backend: Backend,
    choice: ModelSelector,
    models: Map<string, Promise<Model>> = new Map(),
  ) {
    this.backend = backend;
    this.#choice = choice;
    this.#models = models;
  }

  /** The same engine, its networks shared, for a caller who prefers another size. */
  preferring(size: Size | "auto"): LoadedModels {
    const choice = new ModelSelector(this.#choice.store, size);
    return new LoadedModels(this.backend, choice, this.#models);
  }

  /** @throws {LimpidError} `model-missing` */
  find(query: ModelQuery): ModelEntry {
    return this.#choice.find(query, this.backend);
  }

  /** Which models are preferred here. */
  get size(): Size {
    return this.#choice.sizeOn(this.backend);
  }

  /** The mask network that finds this damage alone, where the restorer of its size has one. */
  ownMask(task: Task): ModelQuery | undefined {
    const { size } = this.find({ kind: "restore", task });
    const query = { kind: "mask", task, size } as const;
    const { device } = this.backend;
    return this.#choice.has({ ...query, device }) ? query : undefined;
  }

  /** Loads networks: all downloads at once, a session as soon as its model has come. */
  async preload(queries: readonly ModelQuery[]): Promise<void> {
    const loads = queries.map((query) => this.load(query, UNWATCHED));
    for (const load of loads) load.catch(() => {});
    for (const load of loads) await load;
  }

  /** Begins to fetch a model that will be needed, while another is made ready. */
  fetchAhead(query: ModelQuery, control: JobControl): void {
    const { id } = this.find(query);
    if (this.#models.has(id)) return;
    // What goes wrong is told when the model is loaded.
    this.#choice.store.pull(id, transferOf(control)).catch(() => {});
  }

  /** The network, loaded once; calls that come meanwhile wait for the same. */
  async load(query: ModelQuery, control: JobControl): Promise<Model> {
    const entry = this.find(query);
    const known = this.#models.get(entry.id);
    if (known !== undefined) return await known;
    // Callers share the download; one that gives up does not end it for the others.
    const bytes = await this.#choice.store.get(entry.id, transferOf(control));
    const meanwhile = this.#models.get(entry.id);
    if (meanwhile !== undefined) return await meanwhile;
    const open = async (): Promise<Model> => {
      const session = await this.backend.load(entry.id, bytes, entry.graph);
      return { entry, session };
    };
    const model = open();
    this.#models.set(entry.id, model);
    // The next call tries again.
    model.catch(() => this.#models.delete(entry.id));
    return await model;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backend[Symbol.asyncDispose]();
  }
}

function transferOf({ signal, onProgress }: JobControl): Transfer {
  return {
    signal,
    onProgress: (done, total) => onProgress({ stage: "download", done, total }),
  };
}

/** Keeps an {@linkcode LoadedModels}, and opens another where one breaks under a job. */
export class RecoveringBackend implements AsyncDisposable {
  readonly #open: OpenBackend;
  readonly #choice: ModelSelector;
  #engine: LoadedModels;
  /** The opening of the next one; jobs that fail together wait for the same. */
  #next: Promise<LoadedModels> | null = null;
  #disposed = false;

  /** @param open Opens the device anew. */
  constructor(backend: Backend, choice: ModelSelector, open: OpenBackend) {
    this.#engine = new LoadedModels(backend, choice);
    this.#choice = choice;
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
  async run<T>(job: (engine: LoadedModels) => Promise<T>): Promise<T> {
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
    this.#choice[Symbol.dispose]();
    await this.#engine[Symbol.asyncDispose]();
  }

  /** The engine, a new one where the last is broken. */
  async #working(): Promise<LoadedModels> {
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

  async #replace(): Promise<LoadedModels> {
    await this.#engine[Symbol.asyncDispose]();
    this.#engine = new LoadedModels(
      await this.#open(this.#engine.backend),
      this.#choice,
    );
    return this.#engine;
  }
}
