/** Loads networks on a device, and chooses which one a task uses. */
import type { Backend, Session } from "../runtime/backend.ts";
import type { ModelEntry, Size } from "../models/manifest.ts";
import type { Transfer } from "../models/single_flight.ts";
import type { ModelQuery } from "../models/store.ts";
import type { Task } from "../types.ts";
import { ModelSelector } from "./model_selector.ts";
import { type JobControl, progressOf } from "../job_control.ts";

/** A loaded model with what its manifest says. */
export interface Model {
  readonly entry: ModelEntry;
  readonly session: Session;
}

/** For loads without a progress callback or signal. */
const UNWATCHED: JobControl = { signal: null, onProgress: () => {} };

/** One backend and the networks loaded on it. */
export class LoadedModels implements AsyncDisposable {
  readonly backend: Backend;
  readonly #selector: ModelSelector;
  readonly #models: Map<string, Promise<Model>>;

  /** @param models Networks loaded on the backend already, by id. */
  constructor(
    backend: Backend,
    selector: ModelSelector,
    models: Map<string, Promise<Model>> = new Map(),
  ) {
    this.backend = backend;
    this.#selector = selector;
    this.#models = models;
  }

  /** The same backend and networks for a caller who prefers another size. */
  preferring(size: Size | "auto"): LoadedModels {
    const selector = new ModelSelector(this.#selector.store, size);
    return new LoadedModels(this.backend, selector, this.#models);
  }

  /** @throws {LimpidError} `model-missing` */
  find(query: ModelQuery): ModelEntry {
    return this.#selector.find(query, this.backend);
  }

  /** The model size preferred on this backend. */
  get size(): Size {
    return this.#selector.sizeOn(this.backend);
  }

  /**
   * The task's own mask network, if there is one: of the restorer's size, else
   * of the other.
   */
  ownMask(task: Task): ModelQuery | undefined {
    const { device } = this.backend;
    const restorer = { kind: "restore", task } as const;
    const mask = { kind: "mask", task } as const;
    const has = (query: ModelQuery): boolean =>
      this.#selector.has({ ...query, device });
    return has(restorer) && has(mask)
      ? { ...mask, size: this.find(restorer).size }
      : undefined;
  }

  /** Loads networks: all download at once; each is opened when it arrives. */
  async preload(
    queries: readonly ModelQuery[],
    signal: AbortSignal | null,
  ): Promise<void> {
    const control = { ...UNWATCHED, signal };
    const loads = queries.map((query) => this.load(query, control));
    for (const load of loads) load.catch(() => {});
    for (const load of loads) await load;
  }

  /** Downloads a model, unless it is loaded already. */
  async fetch(query: ModelQuery, control: JobControl): Promise<void> {
    const { id } = this.find(query);
    if (this.#models.has(id)) return;
    await this.#selector.store.pull(id, transferOf(control));
  }

  /** Loads a network once; concurrent calls share one load. */
  async load(query: ModelQuery, control: JobControl): Promise<Model> {
    const entry = this.find(query);
    const known = this.#models.get(entry.id);
    if (known !== undefined) return await known;
    // Callers share the download; if one aborts, it continues for the others.
    const bytes = await this.#selector.store.get(entry.id, transferOf(control));
    const meanwhile = this.#models.get(entry.id);
    if (meanwhile !== undefined) return await meanwhile;
    const open = async (): Promise<Model> => {
      const session = await this.backend.load(entry.id, bytes, entry);
      return { entry, session };
    };
    const model = open();
    this.#models.set(entry.id, model);
    // After a failure the next call tries again.
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
    onProgress: (done, total) =>
      onProgress(progressOf("download", done, total)),
  };
}
