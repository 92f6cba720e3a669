/** The codecs in a Worker of their own. */
import { Mutex } from "../backend/mutex.ts";
import { LimpidError } from "../errors.ts";
import type { Answers, Reply, Request } from "./protocol.ts";

/** The program of the Worker; a URL, because it may come from a web server. */
const WORKER = new URL("./worker.ts", import.meta.url);

/** A Worker that takes one request after the other, each for a bounded time. */
export class CodecWorker {
  readonly #worker: Worker;
  readonly #turns = new Mutex();
  /** Where the reply to the request under way goes. */
  #waiting: PromiseWithResolvers<Answers[keyof Answers]> | null = null;
  /** Why nothing works any more. */
  #failure: LimpidError | null = null;

  /** @param program Of the Worker; the tests have others. */
  constructor(program: URL = WORKER) {
    this.#worker = new Worker(program, {
      type: "module",
      name: "limpid codecs",
    });
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      this.#receive(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(
        `The Worker of the image codecs stopped (${event.message}); the next picture gets a new one.`,
      );
    };
  }

  /** Whether it is of no more use; requests that wait are refused. */
  get failed(): boolean {
    return this.#failure !== null;
  }

  /**
   * Asks when its turn comes.
   *
   * @param transfer Buffers of the request; they are gone afterwards.
   * @param time Milliseconds, from its turn on, after which the Worker is given up.
   * @throws {LimpidError} what the codec threw; `device-failed` where the
   * Worker fails, was ended, or does not answer in time.
   */
  ask<K extends keyof Answers>(
    request: Extract<Request, { kind: K }>,
    transfer: ArrayBuffer[],
    time: number,
  ): Promise<Answers[K]> {
    return this.#turns.run(async () => {
      if (this.#failure !== null) throw this.#failure;
      this.#waiting = Promise.withResolvers();
      const timer = setTimeout(() =>
        this.#fail(
          `The codec has not finished a picture after ${
            Math.round(time / 1000)
          } seconds and is given up (${request.kind}); the file may be made to take long, or the machine be overloaded.`,
        ), time);
      try {
        this.#worker.postMessage(request, transfer);
        return await this.#waiting.promise as Answers[K];
      } finally {
        clearTimeout(timer);
        this.#waiting = null;
      }
    });
  }

  /** Ends the Worker, and refuses what is under way. */
  end(): void {
    this.#fail("The Worker of the image codecs was ended.");
  }

  #receive(reply: Reply): void {
    if (reply.kind === "answer") this.#waiting?.resolve(reply.answer);
    else {
      const { code, message, cause } = reply;
      this.#waiting?.reject(new LimpidError(code, message, { cause }));
    }
  }

  /**
   * Gives the Worker up. Deno does not stop one that is in the middle of
   * something, but it is out of everyone's way.
   */
  #fail(message: string): void {
    this.#failure ??= new LimpidError("device-failed", message);
    this.#waiting?.reject(this.#failure);
    this.#worker.terminate();
  }
}
