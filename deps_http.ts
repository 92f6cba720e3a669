/**
 * Third-party packages of the HTTP service, with exact versions. They are not
 * in `deps.ts`, so that importing the library does not fetch them.
 */
export { type Context, Hono } from "npm:hono@4.13.19";
export { cors } from "npm:hono@4.13.19/cors";
export { etag, RETAINED_304_HEADERS } from "npm:hono@4.13.19/etag";
/** Lets node:http call Hono applications. */
export { getRequestListener } from "npm:@hono/node-server@2.1.9";
export { z } from "npm:zod@4.6.7";
/** Classes of IP addresses. */
export { default as ipaddr } from "npm:ipaddr.js@2.5.0";
/** Prometheus metrics. */
export { default as prometheus } from "npm:prom-client@15.1.3";
/** Spans; does nothing unless `OTEL_DENO=true`. */
export {
  context as openContext,
  type Span,
  SpanStatusCode,
  trace,
  TraceFlags,
} from "npm:@opentelemetry/api@1.10.0";
/** Reads multipart/form-data in a stream; no dependencies. */
export { Busboy } from "npm:@fastify/busboy@3.2.6";
/**
 * Shows OpenAPI documents in browsers; 3.4 MB, fetched when that is first
 * asked for, in a clone with the others. It names a package that counts installations (@scarf/scarf) by a
 * script, which Deno does not run.
 */
export const SWAGGER_UI = {
  version: "5.35.0",
  specifier: "npm:swagger-ui-dist@5.35.0",
} as const;
