/** A device with its networks, replaced when it breaks. */
import { LimpidError } from "../errors.ts";
import type { Backend } from "../runtime/backend.ts";
import { LoadedModels } from "./loaded_models.ts";
import type { ModelSelector } from "./model_selector.ts";

/** Opens a device after another broke. */
export type OpenBackend = (broken: Backend) => Promise<Backend>;

/** Keeps {@linkcode LoadedModels} and replaces them when the device breaks. */
export class RecoveringBackend implements AsyncDisposable {
  readonly #open: OpenBackend;
  readonly #selector: ModelSelector;
  #loaded: LoadedModels;
  /** The replacement being opened; jobs that fail together share it. */
  #next: Promise<LoadedModels> | null = null;
  #disposed = false;

  /** @param open Opens the device anew. */
  constructor(backend: Backend, selector: ModelSelector, open: OpenBackend) {
    this.#loaded = new LoadedModels(backend, selector);
    this.#selector = selector;
    this.#open = open;
  }

  get backend(): Backend {
    return this.#loaded.backend;
  }

  /**
   * Runs a job. Where the device is lost, its runtime crashes or its numbers
   * are wrong meanwhile, the job runs once more, from its beginning, on a new
   * device.
   *
   * @throws {LimpidError} what the job throws; `device-unavailable` where no
   * device can be opened any more.
   */
  async run<T>(job: (loaded: LoadedModels) => Promise<T>): Promise<T> {
    const loaded = await this.#working();
    try {
      return await job(loaded);
    } catch (error) {
      const lost = error instanceof LimpidError &&
        error.code === "device-failed";
      if (this.#disposed) throw lost ? disposed(error) : error;
      if (loaded.backend.broken === null) throw error;
      return await job(await this.#working());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#selector[Symbol.dispose]();
    await this.#next?.catch(() => {});
    await this.#loaded[Symbol.asyncDispose]();
  }

  /** The loaded models, on a new device if the last one is broken. */
  async #working(): Promise<LoadedModels> {
    if (this.#disposed) throw disposed();
    if (this.#loaded.backend.broken === null) return this.#loaded;
    this.#next ??= this.#replace().finally(() => this.#next = null);
    return await this.#next;
  }

  async #replace(): Promise<LoadedModels> {
    await this.#loaded[Symbol.asyncDispose]();
    const backend = await this.#open(this.#loaded.backend);
    this.#loaded = new LoadedModels(backend, this.#selector);
    if (this.#disposed) throw disposed();
    return this.#loaded;
  }
}

function disposed(cause?: unknown): LimpidError {
  return new LimpidError(
    "device-failed",
    "This restorer was disposed of; create another.",
    { cause },
  );
}
