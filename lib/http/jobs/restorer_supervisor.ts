/** The restorer behind the service: opened, tried out, and opened anew when its device is lost. */
import { setTimeout as pause } from "node:timers/promises";
import { asLimpidError, LimpidError } from "../../errors.ts";
import { type ModelEntry, SIZES } from "../../models/manifest.ts";
import { openRestorer, type Restorer } from "../../restorer.ts";
import type { RestorerOptions } from "../../types.ts";
import { Problem } from "../problem.ts";
import { warmUp } from "./warm_up.ts";

/** What the service has to say of its engine. */
export interface RestorerStatus {
  readonly ready: boolean;
  readonly device: string | null;
  /** Why this device was taken; `null` before it is open. */
  readonly deviceReason: string | null;
  /** Devices that stopped working so far. */
  readonly losses: number;
}

/** What the engine tells the log. */
export type Tell = (event: string, details: Record<string, unknown>) => void;

/** A device that is lost over and over is not opened more often than this, in milliseconds. */
const REOPEN_DELAY_MS = 2000;
/** Milliseconds that a request waits for a device that is being opened. */
const PATIENCE = 60_000;

/** A restorer that is kept in working order. */
export class RestorerSupervisor implements AsyncDisposable {
  readonly #options: RestorerOptions;
  readonly #tell: Tell;
  /** Settles when the restorer is ready, or cannot be had. */
  #opening: Promise<Restorer>;
  #restorer: Restorer | null = null;
  #models: readonly ModelEntry[] = [];
  #tried: ReadonlySet<string> = new Set();
  #losses = 0;
  #closed = false;

  /** Begins to open the device at once. */
  constructor(options: RestorerOptions, tell: Tell) {
    this.#options = options;
    this.#tell = tell;
    this.#opening = this.#begin(Promise.resolve());
  }

  get status(): RestorerStatus {
    return {
      ready: this.#restorer !== null && !this.#closed,
      device: this.#restorer?.device ?? null,
      deviceReason: this.#restorer?.deviceReason ?? null,
      losses: this.#losses,
    };
  }

  /**
   * The models that requests may go through, those that were tried out first;
   * empty before the first opening.
   */
  get models(): readonly ModelEntry[] {
    return this.#models;
  }

  /** Whether a model was loaded and run; any other is when a request asks for its size. */
  wasTried({ id }: Pick<ModelEntry, "id">): boolean {
    return this.#tried.has(id);
  }

  /** To be told of the models that a request went through. */
  noteModels(models: readonly Pick<ModelEntry, "id">[]): void {
    this.#tried = new Set([...this.#tried, ...models.map(({ id }) => id)]);
  }

  /** Of all models together: changes with any of them. */
  get digest(): string {
    return this.#models.map(({ id, sha256 }) => `${id}=${sha256}`).join();
  }

  /**
   * The restorer, when it is ready.
   *
   * @throws {Problem} `not-ready` where the device or the models cannot be had,
   * or take too long; the signal's reason.
   */
  async restorer(signal: AbortSignal): Promise<Restorer> {
    signal.throwIfAborted();
    const gone = Promise.withResolvers<never>();
    gone.promise.catch(() => {});
    const leave = (): void => gone.reject(signal.reason);
    signal.addEventListener("abort", leave);
    const timer = setTimeout(
      () => gone.reject(new Error("The engine is still being opened.")),
      PATIENCE,
    );
    try {
      return await Promise.race([this.#opening, gone.promise]);
    } catch (error) {
      if (signal.aborted) throw error;
      throw new Problem(
        "not-ready",
        "The server is not ready; try again later.",
        {
          cause: error,
          retryAfter: 10,
        },
      );
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
    }
  }

  /** To be told of every error of a job: a lost device is replaced. */
  noteError(restorer: Restorer, error: unknown): void {
    const lost = error instanceof LimpidError && error.code === "device-failed";
    if (!lost || this.#closed || this.#restorer !== restorer) return;
    this.#losses++;
    this.#tell("device-lost", {
      device: restorer.device,
      error: error.message,
    });
    this.#restorer = null;
    // One that hangs cannot be closed either; it is not waited for longer.
    Promise.resolve(restorer[Symbol.asyncDispose]()).catch(() => {});
    this.#opening = this.#begin(pause(REOPEN_DELAY_MS));
  }

  /** Closes the device; what runs on it fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const restorer = await this.#opening.catch(() => null);
    await restorer?.[Symbol.asyncDispose]();
  }

  #begin(after: Promise<void>): Promise<Restorer> {
    const opening = after.then(() => this.#open());
    // It fails whether somebody waits for it or not.
    opening.catch(() => {});
    return opening;
  }

  async #open(): Promise<Restorer> {
    try {
      return await this.#tryToOpen();
    } catch (error) {
      const { code, message } = asLimpidError(
        error,
        "device-failed",
        `The engine could not be opened (${error}).`,
      );
      this.#tell("engine-failed", { code, error: message });
      // The next one who asks, and whoever looks after readiness, tries again.
      setTimeout(() => {
        if (!this.#closed) this.#opening = this.#begin(Promise.resolve());
      }, 5 * REOPEN_DELAY_MS);
      throw error;
    }
  }

  async #tryToOpen(): Promise<Restorer> {
    if (this.#closed) throw new LimpidError("aborted", "The engine is closed.");
    const began = performance.now();
    const restorer = await openRestorer(this.#options);
    try {
      await warmUp(restorer);
      const tried = await restorer.models();
      const all = [...tried];
      // A request may ask for either size.
      for (const size of SIZES) all.push(...await restorer.models(size));
      this.#models = [...new Set(all)];
      this.#tried = new Set(tried.map(({ id }) => id));
      this.#restorer = restorer;
      this.#tell("engine-ready", {
        device: restorer.device,
        deviceReason: restorer.deviceReason,
        models: [...this.#tried],
        ms: Math.round(performance.now() - began),
      });
      return restorer;
    } catch (error) {
      await restorer[Symbol.asyncDispose]();
      throw error;
    }
  }
}
