/** The codecs in a Worker of their own. */
import { LimpidError } from "../errors.ts";
import { Mutex } from "../workers/mutex.ts";
import { WorkerClient } from "../workers/rpc.ts";
import type { Answers, Notice, Request, RowsReady } from "./protocol.ts";
import type { RowRequest } from "./row_transfer.ts";

/** The program of the Worker; a URL, because it may come from a web server. */
const WORKER = new URL("./worker.ts", import.meta.url);

/** Bytes that a Worker may have taken; starting another takes 0.06 s. */
const MOST_TAKEN = 256 * 2 ** 20;
/** Milliseconds without a job after which a Worker gives its memory back. */
const IDLE = 10_000;

/** What is asked, beside the request itself. */
export interface Terms {
  /** Buffers of the request; they are gone afterwards. */
  readonly transfer?: ArrayBuffer[];
  /** Milliseconds, from its turn on, after which the Worker is given up. */
  readonly time: number;
  /** Puts rows that the Worker asks for where it finds them. */
  readonly put?: (wanted: RowRequest) => Promise<void>;
  /**
   * Whether the request leaves so much behind in the Worker's memory, which
   * codecs do not give back, that the Worker is to end and another to take the
   * next one.
   */
  readonly large?: boolean;
}

/** Asks the Worker, whose turn it is. */
export type Ask = <K extends keyof Answers>(
  request: Extract<Request, { kind: K }>,
  terms: Terms,
) => Promise<Answers[K]>;

/** How a job waits for its turn. */
export interface Waits {
  /** Called where others are before it. */
  readonly onWait?: () => void;
  /** Called when its turn has come; what it throws ends the job. */
  readonly onTurn?: () => void;
}

/** A Worker that takes one job after the other, each request of it for a bounded time. */
export class CodecWorker {
  readonly #program: URL;
  readonly #idleTime: number;
  /** Started by the first request, and by the one after a large one, or after one that failed it. */
  #worker: WorkerClient<Notice> | null = null;
  readonly #turns = new Mutex();
  /** Jobs that wait or work. */
  #jobs = 0;
  /** Puts the rows that the request under way asks for. */
  #put: Terms["put"];
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** Why nothing works any more. */
  #ended: LimpidError | null = null;

  /**
   * @param program Of the Worker; the tests have others.
   * @param idle Milliseconds without a job after which it is ended.
   */
  constructor(program: URL = WORKER, idle = IDLE) {
    this.#program = program;
    this.#idleTime = idle;
  }

  /** Does a job when its turn comes. */
  async take<R>(
    job: (ask: Ask) => Promise<R>,
    { onWait, onTurn }: Waits = {},
  ): Promise<R> {
    if (this.#jobs++ > 0) onWait?.();
    clearTimeout(this.#idle);
    try {
      return await this.#turns.run(async () => {
        onTurn?.();
        return await job((request, terms) => this.#ask(request, terms));
      });
    } finally {
      if (--this.#jobs === 0 && this.#worker !== null) this.#rest();
    }
  }

  /**
   * Asks when its turn comes.
   *
   * @throws {LimpidError} what the codec threw; `codec-failed` where the
   * Worker fails, was ended, or does not answer in time. The next request gets
   * another Worker.
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
  ): Promise<Answers[K]> {
    if (this.#ended !== null) throw this.#ended;
    this.#put = put;
    const timer = setTimeout(() =>
      this.#fail(
        `The codec has not finished an image after ${
          Math.round(time / 1000)
        } seconds and is given up (${request.kind}); the file may be made to take long, or the machine be overloaded.`,
      ), time);
    try {
      this.#worker ??= this.#start();
      return await this.#worker.ask(request, transfer) as Answers[K];
    } finally {
      clearTimeout(timer);
      this.#put = undefined;
      if (large) this.#dismiss();
    }
  }

  /** Ends the Worker, and refuses what is under way and what waits. */
  end(): void {
    this.#ended = this.#fail("The Worker of the image codecs was ended.");
  }

  /** Ends a Worker that nobody has needed for a while; that alone does not keep the process alive. */
  #rest(): void {
    const timer = setTimeout(() => this.#dismiss(), this.#idleTime);
    Deno.unrefTimer(timer);
    this.#idle = timer;
  }

  #start(): WorkerClient<Notice> {
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
      // A job's probe may be the last straw: its next request gets another Worker.
      this.#dismiss();
    }
  }

  /**
   * Gives the Worker up, and the request that it works on. Deno does not stop
   * one that is in the middle of something, but it is out of everyone's way.
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
