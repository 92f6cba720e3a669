/** Runs the codecs in a Worker. */
import { LimpidError } from "../errors.ts";
import { aborted } from "../job_control.ts";
import { afterAbort } from "../workers/after_abort.ts";
import { afterTime } from "../workers/after_time.ts";
import { Mutex } from "../workers/mutex.ts";
import { hasDescriptors } from "../workers/descriptors.ts";
import { WorkerClient } from "../workers/rpc.ts";
import type { Answers, Notice, Request, RowsReady } from "./protocol.ts";
import type { RowRequest } from "./row_transfer.ts";

/** The Worker's program; a URL, because it may come from a web server. */
const WORKER = new URL("./worker.ts", import.meta.url);

/** Bytes that a Worker may hold before it is replaced, which takes 0.06 s. */
const MOST_TAKEN = 256 * 2 ** 20;
/** Milliseconds without a job after which a Worker is ended to free memory. */
const IDLE = 10_000;

/** How a request is to be handled. */
export interface Terms {
  /** Buffers to transfer with the request; the caller loses them. */
  readonly transfer?: ArrayBuffer[];
  /** Milliseconds that the request may take before the Worker is given up. */
  readonly time: number;
  /** Writes the rows that the Worker asks for to the shared buffer. */
  readonly put?: (wanted: RowRequest) => Promise<void>;
  /**
   * Whether the request leaves so much memory behind, which codecs do not free,
   * that the Worker is to be replaced after it.
   */
  readonly large?: boolean;
}

/** Sends a request to the Worker during the job's turn. */
export type Ask = <K extends keyof Answers>(
  request: Extract<Request, { kind: K }>,
  terms: Terms,
) => Promise<Answers[K]>;

/** Callbacks of a job that waits for its turn. */
export interface Waits {
  /** Called if other jobs come first. */
  readonly onWait?: () => void;
  /** Called when the job's turn comes; what it throws ends the job. */
  readonly onTurn?: () => void;
  /**
   * Once it aborts, the job is `aborted` at once, and must not keep others
   * waiting; one that has aborted before says nothing.
   */
  readonly signal?: AbortSignal | null;
}

/** Milliseconds that a job may go on once its signal has aborted: most end by themselves, and the next Worker takes time to start. */
const ABORTED = 2000;

/** A Worker that takes one job at a time; every request has a time limit. */
export class CodecWorker {
  readonly #program: URL;
  readonly #idleTime: number;
  readonly #aborted: number;
  /** Started by the first request, and again after a large or failed one. */
  #worker: WorkerClient<Notice> | null = null;
  readonly #turns = new Mutex();
  /** Writes the rows that the current request asks for. */
  #put: Terms["put"];
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** Why nothing works any more. */
  #ended: LimpidError | null = null;

  /**
   * @param program The Worker's program; tests use others.
   * @param idle Milliseconds without a job after which the Worker is ended.
   * @param aborted Milliseconds that a job may go on once its signal has aborted.
   */
  constructor(program: URL = WORKER, idle = IDLE, aborted = ABORTED) {
    this.#program = program;
    this.#idleTime = idle;
    this.#aborted = aborted;
  }

  /** Runs a job when its turn comes. */
  async take<R>(
    job: (ask: Ask) => Promise<R>,
    { onWait, onTurn, signal = null }: Waits,
  ): Promise<R> {
    if (this.#turns.length > 0) onWait?.();
    clearTimeout(this.#idle);
    const stop = signal?.aborted ? null : signal;
    return await this.#turns.run(async () => {
      try {
        onTurn?.();
        return await job((request, terms) => this.#ask(request, terms, stop));
      } finally {
        const last = this.#turns.length === 1;
        if (last && this.#worker !== null) this.#rest();
      }
    }, stop);
  }

  /**
   * Sends one request when its turn comes.
   *
   * @throws {LimpidError} what the codec threw; `codec-failed` where the Worker
   * fails, was ended, or does not answer in time; `aborted` where it goes on
   * after the job's signal has aborted. The next request starts a new
   * Worker, unless `end()` was called.
   */
  async ask<K extends keyof Answers>(
    request: Extract<Request, { kind: K }>,
    terms: Terms,
    waits: Waits = {},
  ): Promise<Answers[K]> {
    return await this.take((ask) => ask<K>(request, terms), waits);
  }

  async #ask<K extends keyof Answers>(
    request: Extract<Request, { kind: K }>,
    { transfer = [], time, put, large = false }: Terms,
    signal: AbortSignal | null,
  ): Promise<Answers[K]> {
    if (this.#ended !== null) throw this.#ended;
    this.#put = put;
    using _time = afterTime(time, () =>
      this.#fail(
        `The codec has not finished an image after ${
          Math.round(time / 1000)
        } seconds and was stopped (${request.kind}); the file may be crafted to take long, or the machine may be overloaded.`,
      ));
    using _abort = afterAbort(
      signal,
      this.#aborted,
      () => this.#dismiss(aborted(signal!)),
    );
    try {
      this.#worker ??= this.#start();
      return await this.#worker.ask(request, transfer) as Answers[K];
    } finally {
      this.#put = undefined;
      if (large) this.#dismiss();
    }
  }

  /** Ends the Worker; running and waiting requests fail. */
  end(): void {
    this.#ended = this.#fail("The Worker of the image codecs was ended.");
  }

  /**
   * Ends the Worker after a while without jobs; this timer does not keep the
   * process alive.
   */
  #rest(): void {
    const timer = setTimeout(() => this.#dismiss(), this.#idleTime);
    Deno.unrefTimer(timer);
    this.#idle = timer;
  }

  #start(): WorkerClient<Notice> {
    if (!hasDescriptors()) {
      throw new LimpidError(
        "codec-failed",
        "The Worker of the image codecs cannot be started, as too many files are open; try again later, or raise their limit (ulimit -n).",
      );
    }
    const worker = new WorkerClient<Notice>(this.#program, "limpid codecs", {
      onNotice: (notice) => {
        if (worker === this.#worker) this.#heed(worker, notice);
      },
      onStopped: (reason) => {
        if (worker !== this.#worker) return;
        this.#fail(
          `The Worker of the image codecs stopped (${reason}); the next image gets a new one.`,
        );
      },
    });
    return worker;
  }

  #heed(worker: WorkerClient<Notice>, notice: Notice): void {
    if (notice.kind === "rows-wanted") {
      this.#put?.(notice).then(
        () => worker.post({ kind: "rows-here" } satisfies RowsReady),
        (error) => this.#dismiss(error),
      );
    } else if ((notice.taken ?? 0) > MOST_TAKEN) {
      // If a job's probe exceeds the limit, the job's next request gets a new
      // Worker.
      this.#dismiss();
    }
  }

  /**
   * Gives up the Worker and its current request. Deno does not stop a Worker
   * that is busy, but nothing waits for it any more.
   */
  #fail(message: string): LimpidError {
    const failure = new LimpidError("codec-failed", message);
    this.#dismiss(failure);
    return failure;
  }

  #dismiss(failure: Error | null = null): void {
    clearTimeout(this.#idle);
    this.#worker?.end(failure);
    this.#worker = null;
  }
}
