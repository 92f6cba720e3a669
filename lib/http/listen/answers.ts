/** Images on their way to clients, in bounded memory. */
import type { Tell } from "../jobs/restorer_supervisor.ts";

/** Bytes of a piece. */
const PIECE = 2 ** 18;
/** Milliseconds before it is judged how fast a client is. */
const PROBATION = 1000;

/** One answer under way. */
interface Answer {
  readonly length: number;
  readonly began: number;
  /** Bytes that were taken. */
  sent: number;
  /** Ends it before all of it was taken. */
  giveUp(why: "stalled" | "slowest"): void;
}

/**
 * All answers under way. An answer of which nothing is taken for some time is
 * given up, and where all of them together are too large, those that are taken
 * most slowly: a client that does not read cannot hold an image for ever, nor
 * can many of them hold many.
 */
export class Answers {
  readonly #maxBytes: number;
  readonly #writeTime: number;
  readonly #tell: Tell;
  readonly #open = new Set<Answer>();

  /**
   * @param maxBytes Of all answers; one alone may be larger.
   * @param writeTime Milliseconds.
   */
  constructor(maxBytes: number, writeTime: number, tell: Tell) {
    this.#maxBytes = maxBytes;
    this.#writeTime = writeTime;
    this.#tell = tell;
  }

  /** Bytes of all answers under way; each is held until the last of it was taken. */
  get bytes(): number {
    return this.#open.values().reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * A stream of the bytes, in pieces that are copies: whoever holds on to a
   * piece does not hold the whole.
   *
   * @param id Of the request, for the log.
   */
  send(
    bytes: Uint8Array<ArrayBuffer>,
    id: string,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#makeRoom(bytes.length);
    let rest = bytes;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
    const close = (): void => {
      clearTimeout(timer);
      this.#open.delete(answer);
      rest = new Uint8Array();
    };
    const answer: Answer = {
      length: bytes.length,
      began: performance.now(),
      sent: 0,
      giveUp: (why): void => {
        close();
        const { sent, length } = answer;
        this.#tell("answer-given-up", { id, why, sent, bytes: length });
        controller.error(new Error("The client does not take its answer."));
      },
    };
    const wait = (): void => {
      timer = setTimeout(() => answer.giveUp("stalled"), this.#writeTime);
    };
    this.#open.add(answer);
    return new ReadableStream({
      start(given): void {
        controller = given;
        wait();
      },
      pull(): void {
        clearTimeout(timer);
        const piece = rest.slice(0, PIECE);
        rest = rest.subarray(PIECE);
        answer.sent += piece.length;
        controller.enqueue(piece);
        if (rest.length > 0) return wait();
        close();
        controller.close();
      },
      cancel: close,
    }, { highWaterMark: 0 });
  }

  #makeRoom(length: number): void {
    const now = performance.now();
    const speed = ({ sent, began }: Answer): number =>
      now - began < PROBATION ? Infinity : sent / (now - began);
    while (this.#open.size > 0 && this.bytes + length > this.#maxBytes) {
      const slowest = [...this.#open].reduce((a, b) =>
        speed(b) < speed(a) ? b : a
      );
      slowest.giveUp("slowest");
    }
  }
}
