/** The routes of the service, and their middleware. */
import { type Context, cors, Hono } from "../../deps_http.ts";
import type { Answering } from "./answering.ts";
import { authorise } from "./security/authorise.ts";
import { RequestContext, type Variables } from "./request_context.ts";
import { addHealth } from "./routes/health_routes.ts";
import { openApi } from "./routes/openapi.ts";
import { addApiViewer } from "./page/api_viewer.ts";
import { addPage } from "./page/page.ts";
import { mask, restore } from "./routes/image_routes.ts";
import { RESULT_HEADERS } from "./routes/result_headers.ts";
import { progress } from "./routes/progress_route.ts";
import { asProblem, Problem, stopping } from "./problem.ts";
import { BrokenOff } from "./body/read_body.ts";
import type { Service } from "./service.ts";
import { inRequest } from "./tracing.ts";

/** Headers of every answer; the page has its own content security policy. */
const HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** Headers that pages of other origins may read. */
const EXPOSED = [
  "content-digest",
  "etag",
  "retry-after",
  "server-timing",
  "x-request-id",
  ...RESULT_HEADERS,
];

/** Makes the routes of the service. */
export function createApp(service: Service): Answering {
  const app = new Hono<Variables>();
  const { config, metrics, tell } = service;
  const finish = (
    { headers, status }: Response,
    context: RequestContext,
    method: string,
    route: string,
  ): void => {
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!headers.has(name)) headers.set(name, value);
    }
    if (config.cors.length > 0) {
      headers.set("cross-origin-resource-policy", "cross-origin");
    }
    headers.set("x-request-id", context.id);
    // Kept connections would break when the service stops.
    if (service.draining) headers.set("connection", "close");
    metrics.request(route, method, status, context.elapsed);
    for (const [stage, ms] of context.stages) metrics.stage(stage, ms);
    tell("request", context.line(method, route, status));
  };

  app.use(async (c, next) => {
    const context = new RequestContext(c.req.raw);
    c.set("context", context);
    await inRequest(
      c.req.header("traceparent") ?? null,
      next,
      () => c.res.status >= 500,
    );
    context.end();
    finish(c.res, context, methodOf(c.req.method), routeOf(c));
  });
  if (config.cors.length > 0) {
    app.use(cors({
      origin: config.cors.includes("*") ? "*" : [...config.cors],
      allowMethods: ["GET", "HEAD", "POST"],
      exposeHeaders: EXPOSED,
      maxAge: 600,
    }));
  }

  type Answer = (c: Context<Variables>) => Response | Promise<Response>;
  const guarded = (answer: Answer): Answer => (c) => {
    authorise(c.req.raw, config);
    return answer(c);
  };
  const restored = guarded((c) =>
    restore(service, c.req.raw, c.get("context"))
  );
  app.post("/restore", restored);
  if (config.sources.prefixes.length > 0) app.get("/restore", restored);
  app.post(
    "/mask",
    guarded((c) => mask(service, c.req.raw, c.get("context"))),
  );
  app.get(
    "/progress/:id",
    guarded((c) => progress(service, c.req.param("id")!)),
  );
  app.get("/metrics", guarded(() => metrics.response()));
  app.get("/openapi.json", (c) => c.json(openApi(config)));
  addHealth(app, service);
  addPage(app);
  addApiViewer(app, service);

  for (const [path, allow] of methodsOf(app, config.cors.length > 0)) {
    app.all(path, () => {
      throw new Problem(
        "method-not-allowed",
        `The path does not allow this method, only ${
          allow.join(", ")
        }; see /openapi.json.`,
        { allow },
      );
    });
  }
  app.notFound((c) => {
    const problem = new Problem(
      "not-found",
      "There is nothing at this path; see /openapi.json.",
    );
    return told(c, problem);
  });
  app.onError((error, c) => {
    const problem = asProblem(error);
    // The device is closed under jobs that take too long to stop, and `deno
    // serve` cuts off what is being sent.
    const stopped = service.draining &&
      (problem.code === "device-failed" || problem instanceof BrokenOff);
    return told(c, stopped ? stopping(problem) : problem);
  });
  return {
    fetch: async (request) => await app.fetch(request),
    refuse(problem): Response {
      const context = new RequestContext(null);
      context.fail(problem);
      const answer = problem.response(context.id);
      finish(answer, context, "other", "none");
      return answer;
    },
  };
}

function told(c: Context<Variables>, problem: Problem): Response {
  const context = c.get("context");
  context.fail(problem);
  return problem.response(context.id);
}

/** The methods of each path, including OPTIONS where CORS is enabled. */
function methodsOf(
  app: Hono<Variables>,
  preflight: boolean,
): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of app.routes) {
    if (path === "/*" || path === "*") continue;
    const known = methods.get(path) ?? (preflight ? ["OPTIONS"] : []);
    const all = method === "GET" ? ["GET", "HEAD"] : [method];
    // A path with middleware of its own has several routes.
    methods.set(path, [...new Set([...known, ...all])]);
  }
  return methods;
}

/** The matched pattern, not the path, which comes from outside. */
function routeOf(c: Context): string {
  const patterns = c.req.matchedRoutes.map(({ path }) => path)
    .filter((path) => !path.endsWith("*"));
  return patterns[0] ?? "none";
}

/** The method, or "other": methods come from outside, too. */
function methodOf(method: string): string {
  return ["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"]
      .includes(method)
    ? method
    : "other";
}
