/** One request, from its arrival to its line in the log. */
import { internalText, Problem } from "./problem.ts";

/** What is noted of a request on its way. */
export class RequestContext {
  /** Given back to the caller and written into the log. */
  readonly id: string;
  /** Fields of its line in the log, beyond those that all have. */
  readonly notes: Record<string, unknown> = {};
  readonly #began = performance.now();
  readonly #timings: [string, number][] = [];
  readonly #gone = new AbortController();
  readonly #leave: () => void;
  readonly #client: AbortSignal;

  /** Takes over the caller's own id where that is harmless. */
  constructor(request: Request) {
    // Deno aborts a request's signal after a good answer too; whoever listens
    // to this one must not take that for a client that has left.
    this.#client = request.signal;
    this.#leave = () =>
      this.#gone.abort(new Problem("client-gone", "The client has left."));
    this.#client.addEventListener("abort", this.#leave);
    const given = request.headers.get("x-request-id");
    this.id = given !== null && /^[\w.-]{8,64}$/.test(given)
      ? given
      : crypto.randomUUID();
  }

  /** Given when the client leaves before it has its answer. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Once the answer is made, the client's leaving is of no concern. */
  end(): void {
    this.#client.removeEventListener("abort", this.#leave);
  }

  /** Milliseconds since its arrival. */
  get elapsed(): number {
    return performance.now() - this.#began;
  }

  /** Does the work and notes how long it took. */
  async time<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.note(stage, performance.now() - start);
    }
  }

  /** Notes milliseconds of a stage. */
  note(stage: string, ms: number): void {
    this.#timings.push([stage, ms]);
  }

  /** As a Server-Timing header. */
  get serverTiming(): string {
    return [...this.#timings, ["total", this.elapsed] as const]
      .map(([stage, ms]) => `${stage};dur=${ms.toFixed(1)}`).join(", ");
  }

  /** Notes what went wrong, with what callers are not told. */
  fail(problem: Problem): void {
    this.notes["error"] = problem.code;
    this.notes["internal"] = internalText(problem);
  }

  /** Its line in the log. */
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

/** What Hono keeps for a request. */
export interface Variables {
  Variables: { context: RequestContext };
}
