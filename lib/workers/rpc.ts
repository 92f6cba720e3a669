/** One request at a time to a Worker, and its answer: both sides of it. */
import { asLimpidError, type ErrorCode, LimpidError } from "../errors.ts";

/** How a request ended. */
export type Reply =
  | { readonly kind: "answer"; readonly answer: unknown }
  | {
    readonly kind: "error";
    readonly code: ErrorCode;
    readonly message: string;
    /** The words of whoever threw, for logs. */
    readonly cause: string;
  };

/** What the caller's side is told beside answers. */
export interface WorkerEvents<Notice> {
  /** The Worker says something else than an answer, or adds to one. */
  readonly onNotice: (notice: Notice) => void;
  /** The Worker stopped. */
  readonly onStopped: (reason: string) => void;
}

/** The caller's side. `Notice` is what the Worker says beside {@linkcode Reply}. */
export class WorkerClient<Notice> {
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<unknown> | null = null;

  /** @param program Of the Worker; a URL, because it may come from a web server. */
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
   * Sends a request and waits for its answer; the next may be sent then.
   *
   * @param transfer Buffers that go with the request, and are gone here.
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

  /** Says something between a request and its answer. */
  post(message: unknown): void {
    this.#worker.postMessage(message);
  }

  /** Ends the Worker, and with it the request under way; without a failure an answer that has come still counts. */
  end(failure: Error | null = null): void {
    if (failure !== null) this.#waiting?.reject(failure);
    this.#worker.terminate();
  }
}

/** What a Worker's global scope has and a window's has not. */
interface WorkerScope<Request> {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** The Worker's side. */
export interface WorkerServer<Request> {
  /** An answer, and the buffers that go with it. */
  readonly answer: (
    request: Request,
  ) => Promise<readonly [answer: unknown, transfer: ArrayBuffer[]]>;
  /** Of a message that is no request; `false` for a request. */
  readonly heed?: (message: unknown) => boolean;
  /** The error that a caller gets of one that is no {@linkcode LimpidError}. */
  readonly fallback: (
    error: unknown,
    request: Request,
  ) => readonly [ErrorCode, string];
  /** What each reply says beside; `null` where there is to be no reply. */
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

/** Says something to the caller between a request and its answer. */
export function notify(notice: object): void {
  (globalThis as unknown as WorkerScope<never>).postMessage(notice, []);
}
