/** A request, from its arrival to its line in the log. */
import { internalText, Problem } from "./problem.ts";

/** Collects facts about a request while it is handled. */
export class RequestContext {
  /** Id of the request, sent back to the caller and written to the log. */
  readonly id: string;
  /** Additional fields of its line in the log. */
  readonly notes: Record<string, unknown> = {};
  readonly #began = performance.now();
  readonly #timings: [string, number][] = [];
  readonly #gone = new AbortController();
  readonly #leave: () => void;
  readonly #client: AbortSignal | undefined;

  /**
   * Uses the caller's request id if it is well-formed.
   *
   * @param request `null` where it cannot be read.
   */
  constructor(request: Request | null) {
    // Deno also aborts a request's signal after a successful answer, which must
    // not count as a client that has left.
    this.#client = request?.signal;
    this.#leave = () =>
      this.#gone.abort(new Problem("client-gone", "The client has left."));
    this.#client?.addEventListener("abort", this.#leave);
    const given = request?.headers.get("x-request-id") ?? "";
    this.id = /^[\w.-]{8,64}$/.test(given) ? given : crypto.randomUUID();
  }

  /** Aborts when the client leaves before it has its answer. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Must be called once the answer is made: then the client may leave. */
  end(): void {
    this.#client?.removeEventListener("abort", this.#leave);
  }

  /** Milliseconds since the request arrived. */
  get elapsed(): number {
    return performance.now() - this.#began;
  }

  /** Does the work and records how long it took. */
  async time<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.note(stage, performance.now() - start);
    }
  }

  /** Records milliseconds of a stage. */
  note(stage: string, ms: number): void {
    this.#timings.push([stage, ms]);
  }

  /** The stages so far, with their milliseconds. */
  get stages(): readonly (readonly [string, number])[] {
    return this.#timings;
  }

  /** Value of the Server-Timing header. */
  get serverTiming(): string {
    return [...this.#timings, ["total", this.elapsed] as const]
      .map(([stage, ms]) => `${stage};dur=${ms.toFixed(1)}`).join(", ");
  }

  /** Records an error for the log, with causes that callers are not told. */
  fail(problem: Problem): void {
    this.notes["error"] = problem.code;
    this.notes["internal"] = internalText(problem);
  }

  /** The request's line in the log. */
  line(method: string, route: string, status: number): Record<string, unknown> {
    return {
      id: this.id,
      method,
      route,
      status,
      ms: Math.round(this.elapsed * 10) / 10,
      ...this.notes,
      ...(this.#timings.length === 0 ? {} : {
        times: Object.fromEntries(
          this.#timings.map(([k, v]) => [k, Math.round(v * 10) / 10]),
        ),
      }),
    };
  }
}

/** What Hono stores for a request. */
export interface Variables {
  Variables: { context: RequestContext };
}
