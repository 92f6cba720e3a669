/** Both sides of requests to a Worker, one at a time, and their answers. */
import { asLimpidError, type ErrorCode, LimpidError } from "../errors.ts";

/** How a request ended. */
export type Reply =
  | { readonly kind: "answer"; readonly answer: unknown }
  | {
    readonly kind: "error";
    readonly code: ErrorCode;
    readonly message: string;
    /** The original error as text, for logs. */
    readonly cause: string;
  };

/** Events on the caller's side, apart from answers. */
export interface WorkerEvents<Notice> {
  /** The Worker sent a message; answers are passed here, too. */
  readonly onNotice: (notice: Notice) => void;
  /** The Worker stopped. */
  readonly onStopped: (reason: string) => void;
}

/**
 * The caller's side. `Notice` is the type of the Worker's messages and fields
 * that are not part of {@linkcode Reply}.
 */
export class WorkerClient<Notice> {
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<unknown> | null = null;

  /** @param program The Worker's program; a URL, as it may be on the web. */
  constructor(program: URL, name: string, events: WorkerEvents<Notice>) {
    this.#worker = new Worker(program, { type: "module", name });
    this.#worker.onmessage = ({ data }: MessageEvent<Reply & Notice>) => {
      events.onNotice(data);
      if (data.kind === "answer") this.#waiting?.resolve(data.answer);
      if (data.kind === "error") {
        const { code, message, cause } = data;
        this.#waiting?.reject(new LimpidError(code, message, { cause }));
      }
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      events.onStopped(event.message);
    };
  }

  /**
   * Sends a request and waits for its answer. Do not send another before that.
   *
   * @param transfer Buffers to transfer; the caller loses them.
   */
  async ask(request: unknown, transfer: ArrayBuffer[] = []): Promise<unknown> {
    this.#waiting = Promise.withResolvers();
    try {
      this.#worker.postMessage(request, transfer);
      return await this.#waiting.promise;
    } finally {
      this.#waiting = null;
    }
  }

  /** Sends a message that is no request. */
  post(message: unknown): void {
    this.#worker.postMessage(message);
  }

  /**
   * Ends the Worker. With a `failure`, the current request is rejected; without
   * one, an answer that has arrived still counts.
   */
  end(failure: Error | null = null): void {
    if (failure !== null) this.#waiting?.reject(failure);
    this.#worker.terminate();
  }
}

/** The part of a Worker's global scope that a window's lacks. */
interface WorkerScope<Request> {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** The Worker's side. */
export interface WorkerServer<Request> {
  /** Answers a request; returns the answer and the buffers to transfer. */
  readonly answer: (
    request: Request,
  ) => Promise<readonly [answer: unknown, transfer: ArrayBuffer[]]>;
  /** Handles a message that is no request; returns `false` for a request. */
  readonly heed?: (message: unknown) => boolean;
  /** Code and message for an error that is no {@linkcode LimpidError}. */
  readonly fallback: (
    error: unknown,
    request: Request,
  ) => readonly [ErrorCode, string];
  /** Fields to add to each reply; `null` to send no reply. */
  readonly notice?: (error: unknown) => object | null;
}

/** Answers every request that the caller sends. */
export function serveRequests<Request>(
  { answer, heed, fallback, notice }: WorkerServer<Request>,
): void {
  const scope = globalThis as unknown as WorkerScope<Request>;
  const reply = async (request: Request): Promise<void> => {
    try {
      const [result, transfer] = await answer(request);
      scope.postMessage(
        { kind: "answer", answer: result, ...notice?.(null) },
        transfer,
      );
    } catch (error) {
      const more = notice?.(error);
      if (more === null) return;
      const { code, message, cause } = asLimpidError(
        error,
        ...fallback(error, request),
      );
      scope.postMessage(
        { kind: "error", code, message, cause: `${cause}`, ...more },
        [],
      );
    }
  };
  scope.onmessage = ({ data }) => {
    if (!heed?.(data)) void reply(data);
  };
}

/** Sends the caller a message that is no answer. */
export function notify(notice: object): void {
  (globalThis as unknown as WorkerScope<never>).postMessage(notice, []);
}
