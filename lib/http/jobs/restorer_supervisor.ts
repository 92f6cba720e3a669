/**
 * Opens and tests the service's restorer, and opens another one when its device
 * is lost.
 */
import { setTimeout as pause } from "node:timers/promises";
import { asLimpidError, LimpidError } from "../../errors.ts";
import { unlessAborted } from "../../job_control.ts";
import { type ModelEntry, SIZES } from "../../models/manifest.ts";
import { DAMAGED_FOR } from "../../models/store.ts";
import { openRestorer, type Restorer } from "../../restorer.ts";
import type { RestorerOptions } from "../../types.ts";
import { Problem } from "../problem.ts";
import { warmUp } from "./warm_up.ts";

/** State of the service's restorer. */
export interface RestorerStatus {
  readonly ready: boolean;
  readonly device: string | null;
  /** Why this device was chosen; `null` before it is open. */
  readonly deviceReason: string | null;
  /** Devices that stopped working so far. */
  readonly losses: number;
}

/** Writes an event to the log. */
export type Tell = (event: string, details: Record<string, unknown>) => void;

/** Least milliseconds between the loss of a device and its reopening. */
const REOPEN_DELAY_MS = 2000;
/** Milliseconds after which an engine that could not be opened is tried again. */
const RETRY_DELAY_MS = 10_000;
/** Milliseconds that a request waits for a device that is being opened. */
const PATIENCE = 60_000;

/** Keeps a working restorer. */
export class RestorerSupervisor implements AsyncDisposable {
  readonly #options: RestorerOptions;
  readonly #tell: Tell;
  /** Settles when the restorer is ready, or cannot be opened. */
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
   * The models that requests may use, tested ones first; empty before the
   * restorer is first ready.
   */
  get models(): readonly ModelEntry[] {
    return this.#models;
  }

  /**
   * Whether a model was loaded and run; others are loaded when a request asks
   * for their size.
   */
  wasTried({ id }: Pick<ModelEntry, "id">): boolean {
    return this.#tried.has(id);
  }

  /** Must be called with the models that a request used. */
  noteModels(models: readonly Pick<ModelEntry, "id">[]): void {
    this.#tried = new Set([...this.#tried, ...models.map(({ id }) => id)]);
  }

  /** Identifies all models: changes with any of them. */
  get digest(): string {
    return this.#models.map(({ id, sha256 }) => `${id}=${sha256}`).join();
  }

  /**
   * Waits until the restorer is ready.
   *
   * @throws {Problem} `not-ready` where device or models cannot be opened or
   * take too long; the signal's reason.
   */
  async restorer(signal: AbortSignal): Promise<Restorer> {
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new Error("The engine is still being opened.")),
      PATIENCE,
    );
    const either = AbortSignal.any([signal, late.signal]);
    try {
      return await unlessAborted(this.#opening, either, (s) => s.reason);
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
    }
  }

  /** Must be called with every error of a job: replaces a lost device. */
  noteError(restorer: Restorer, error: unknown): void {
    const lost = error instanceof LimpidError && error.code === "device-failed";
    if (!lost || this.#closed || this.#restorer !== restorer) return;
    this.#losses++;
    this.#tell("device-lost", {
      device: restorer.device,
      error: error.message,
    });
    this.#restorer = null;
    // A device that hangs cannot be closed: do not wait for it.
    Promise.resolve(restorer[Symbol.asyncDispose]()).catch(() => {});
    this.#opening = this.#begin(pause(REOPEN_DELAY_MS));
  }

  /** Closes the device; jobs on it fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const restorer = await this.#opening.catch(() => null);
    await restorer?.[Symbol.asyncDispose]();
  }

  #begin(after: Promise<void>): Promise<Restorer> {
    const opening = after.then(() => this.#open());
    // Nobody may be waiting when it fails.
    opening.catch(() => {});
    return opening;
  }

  async #open(): Promise<Restorer> {
    try {
      return await this.#tryToOpen();
    } catch (error) {
      // Nobody waits for it any more: that is no failure.
      if (this.#closed) throw error;
      const { code, message } = asLimpidError(
        error,
        "device-failed",
        `The engine could not be opened (${error}).`,
      );
      this.#tell("engine-failed", { code, error: message });
      // Try again later, so that the service becomes ready by itself.
      setTimeout(() => {
        if (!this.#closed) this.#opening = this.#begin(Promise.resolve());
      }, code === "model-corrupt" ? DAMAGED_FOR : RETRY_DELAY_MS);
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
      // Requests may ask for any size.
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
