/** Sends images to clients in bounded memory. */
import type { Tell } from "../jobs/restorer_supervisor.ts";

/** Bytes of a piece. */
const PIECE = 2 ** 18;
/** Milliseconds before a client's speed is judged. */
const PROBATION = 1000;

/** An answer being sent. */
interface Answer {
  readonly length: number;
  readonly began: number;
  /** Bytes that the client has taken. */
  sent: number;
  /** Aborts the answer. */
  giveUp(why: "stalled" | "slowest"): void;
}

/**
 * All answers being sent. It aborts an answer that the client does not take for
 * some time and, where all answers together are too large, those taken most
 * slowly. So clients that do not read cannot hold memory for long.
 */
export class Answers {
  readonly #maxBytes: number;
  readonly #writeTime: number;
  readonly #tell: Tell;
  readonly #open = new Set<Answer>();

  /**
   * @param maxBytes Limit for all answers together; a single one may be larger.
   * @param writeTime Milliseconds without progress after which an answer is
   * aborted.
   */
  constructor(maxBytes: number, writeTime: number, tell: Tell) {
    this.#maxBytes = maxBytes;
    this.#writeTime = writeTime;
    this.#tell = tell;
  }

  /** Bytes of all answers being sent; each counts until it is all taken. */
  get bytes(): number {
    return this.#open.values().reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * Streams the bytes in copied pieces, so that holding a piece does not hold
   * the whole answer.
   *
   * @param id Id of the request, for the log.
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
