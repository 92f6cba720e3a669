/** Stops a job when a stage takes too long. */
import type { Progress } from "../../types.ts";
import type { StageTimes } from "../config.ts";
import { Problem } from "../problem.ts";

/** Milliseconds that suffice for a tile. */
const GRACE = 10_000;

/** Limits the stages of one job; dispose of it when the job is done. */
export class StageTimeouts implements Disposable {
  readonly #limits: StageTimes;
  readonly #grace: number;
  readonly #late = new AbortController();
  readonly #stuck = Promise.withResolvers<never>();
  #stage: Progress["stage"] | null = null;
  #began = performance.now();
  readonly #spent = new Map<keyof StageTimes, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Stops the job when the client leaves or a stage's time is over. */
  readonly signal: AbortSignal;

  /** @param grace Milliseconds that a job may take to stop. */
  constructor(times: StageTimes, client: AbortSignal, grace = GRACE) {
    this.#limits = times;
    this.#grace = grace;
    this.signal = AbortSignal.any([client, this.#late.signal]);
    this.#stuck.promise.catch(() => {});
  }

  /**
   * Whether {@linkcode stuck} was rejected in a stage that runs on the device.
   * The codecs run in a Worker, which is replaced where one of them hangs.
   */
  deviceIsStuck = false;

  /** Rejects when a job does not stop in time although it was told to. */
  get stuck(): Promise<never> {
    return this.#stuck.promise;
  }

  /** Must be called with the job's progress. */
  readonly onProgress = ({ stage }: Progress): void => {
    // A job that was told to stop has the time of its end alone.
    if (stage === this.#stage || this.#late.signal.aborted) return;
    this.#endStage();
    this.#stage = stage;
    clearTimeout(this.#timer);
    // A download has its own time limits; waiting in the queue has no limit
    // here.
    if (stage === "download" || stage === "queue") return;
    // Stages alternate: levels and damages have a mask and a restoration each.
    const left = this.#limits[stage] - (this.#spent.get(stage) ?? 0);
    this.#timer = setTimeout(() => this.#stop(stage), Math.max(0, left));
  };

  /** Ends the stage at work: all stages so far, with their milliseconds. */
  endStages(): Iterable<readonly [keyof StageTimes, number]> {
    this.#endStage();
    return this.#spent;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #endStage(): void {
    const now = performance.now();
    const stage = this.#stage;
    if (stage !== null && stage in this.#limits) {
      const key = stage as keyof StageTimes;
      const before = this.#spent.get(key) ?? 0;
      this.#spent.set(key, before + now - this.#began);
    }
    this.#began = now;
  }

  #stop(stage: keyof StageTimes): void {
    const problem = new Problem(
      "too-slow",
      `The work took too long (${stage}); send a smaller image, or try again later.`,
      { retryAfter: 30 },
    );
    this.#late.abort(problem);
    this.#timer = setTimeout(() => {
      this.deviceIsStuck = stage === "mask" || stage === "restore";
      this.#stuck.reject(problem);
    }, this.#grace);
  }
}
