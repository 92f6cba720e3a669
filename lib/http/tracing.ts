/** Spans below the request's span, which Deno makes where `OTEL_DENO=true`. */
import {
  openContext,
  type Span,
  SpanStatusCode,
  trace,
} from "../../deps_http.ts";
import type { Progress } from "../types.ts";

const tracer = trace.getTracer("limpid");

/** Does the work within a span. */
export async function inSpan<T>(
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const span = tracer.startSpan(name);
  try {
    return await openContext.with(
      trace.setSpan(openContext.active(), span),
      work,
    );
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** Spans of a job's stages, one after the other. */
export class StageSpans implements Disposable {
  // Progress is reported from other contexts; keep the current one as parent.
  readonly #parent = openContext.active();
  #stage: Progress["stage"] | null = null;
  #span: Span | null = null;

  /** Must be called with the job's progress. */
  readonly onProgress = ({ stage, total }: Progress): void => {
    if (stage === this.#stage) return;
    this.#stage = stage;
    this.#span?.end();
    this.#span = tracer.startSpan(stage, {
      attributes: { "limpid.steps": total },
    }, this.#parent);
  };

  [Symbol.dispose](): void {
    this.#span?.end();
    this.#span = null;
  }
}
