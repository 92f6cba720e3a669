/** Spans below the request's span, which Deno makes where `OTEL_DENO=true`. */
import {
  openContext,
  type Span,
  SpanStatusCode,
  trace,
  TraceFlags,
} from "../../deps_http.ts";
import type { Progress } from "../types.ts";

const tracer = trace.getTracer("limpid");

/**
 * Whether spans are to be made below the one in force: a caller who does not
 * sample its own wants none of ours, which would hang in the air.
 */
function isSampled(): boolean {
  const span = trace.getSpan(openContext.active());
  return span === undefined ||
    (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}

/**
 * Does the work of a request within its span. Deno makes one for the requests
 * of its own server; for those of node:http, where none is in force, a span
 * `request` stands for it.
 *
 * @param traceparent The caller's span (https://www.w3.org/TR/trace-context/).
 * @param hasFailed Asked when the work is done.
 */
export async function inRequest<T>(
  traceparent: string | null,
  work: () => Promise<T>,
  hasFailed: () => boolean = () => false,
): Promise<T> {
  const here = openContext.active();
  if (trace.getSpan(here) !== undefined) return await work();
  const [, traceId, spanId, flags] =
    // Ids of zeros alone are not valid.
    /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/
      .exec(traceparent ?? "") ?? [];
  const parent = traceId === undefined ? here : trace.setSpanContext(here, {
    traceId,
    spanId: spanId!,
    traceFlags: Number(`0x${flags}`),
    isRemote: true,
  });
  return await openContext.with(
    parent,
    () => inSpan("request", work, hasFailed),
  );
}

/** Does the work within a span, which says whether it failed. */
export async function inSpan<T>(
  name: string,
  work: () => Promise<T>,
  hasFailed: () => boolean = () => false,
): Promise<T> {
  if (!isSampled()) return await work();
  const span = tracer.startSpan(name);
  let failed = true;
  try {
    const result = await openContext.with(
      trace.setSpan(openContext.active(), span),
      work,
    );
    failed = hasFailed();
    return result;
  } finally {
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }
}

/** Spans of a job's stages, one after the other. */
export class StageSpans implements Disposable {
  // Progress is reported from other contexts; keep the current one as parent.
  readonly #parent = openContext.active();
  readonly #sampled = isSampled();
  #stage: Progress["stage"] | null = null;
  #span: Span | null = null;

  /** Must be called with the job's progress. */
  readonly onProgress = ({ stage, total }: Progress): void => {
    if (!this.#sampled || stage === this.#stage) return;
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
