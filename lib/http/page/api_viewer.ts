/**
 * The page at `/api`: /openapi.json for people. The viewer's files come from
 * its package, which is fetched when they are first asked for; they are sent
 * to browsers and never run here.
 */
import { type Hono, SWAGGER_UI } from "../../../deps_http.ts";
import { Problem } from "../problem.ts";
import type { Variables } from "../request_context.ts";
import type { Service } from "../service.ts";

/** Name in the package, media type. */
const FILES: readonly (readonly [string, string])[] = [
  ["swagger-ui-bundle.js", "text/javascript; charset=utf-8"],
  ["swagger-ui.css", "text/css; charset=utf-8"],
];

/** The path has the version, so that what is there never changes. */
const CACHE = "public, max-age=31536000, immutable";

/** Adds the viewer's files; the page that shows them is among the page's own. */
export function addApiViewer(
  app: Hono<Variables>,
  { answers }: Service,
): void {
  for (const [name, type] of FILES) {
    let content: Promise<Uint8Array<ArrayBuffer>> | null = null;
    app.get(`/page/viewer/${SWAGGER_UI.version}/${name}`, async (c) => {
      content ??= load(name);
      // A failed download is tried again at the next request.
      content.catch(() => content = null);
      const bytes = await content;
      const body = c.req.method === "HEAD"
        ? null
        : answers.send(bytes, c.get("context").id);
      return new Response(body, {
        headers: {
          "content-type": type,
          "content-length": String(bytes.length),
          "cache-control": CACHE,
        },
      });
    });
  }
}

/** @throws {Problem} `not-ready` where the package is not to be had. */
async function load(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const { specifier } = SWAGGER_UI;
  try {
    // Texts are read of packages that are here; this has it fetched, and runs nothing of it.
    await import(`${specifier}/package.json`, { with: { type: "json" } });
    const { default: text } = await import(`${specifier}/${name}`, {
      with: { type: "text" },
    });
    return new TextEncoder().encode(text);
  } catch (cause) {
    throw new Problem(
      "not-ready",
      "The API viewer is not available now; use /openapi.json instead.",
      { cause, retryAfter: 60 },
    );
  }
}
