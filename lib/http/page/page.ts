/** The pages at `/` and `/api`: a few static files beside this module. */
import {
  etag,
  type Hono,
  RETAINED_304_HEADERS,
  SWAGGER_UI,
} from "../../../deps_http.ts";
import type { Variables } from "../request_context.ts";

/** Path, file, media type. */
const FILES: readonly (readonly [string, string, string])[] = [
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/api", "api.html", "text/html; charset=utf-8"],
  ["/page/api.css", "api.css", "text/css; charset=utf-8"],
  ["/page/api.js", "api.js", "text/javascript; charset=utf-8"],
  ["/page/style.css", "style.css", "text/css; charset=utf-8"],
  ["/page/app.js", "app.js", "text/javascript; charset=utf-8"],
  ["/page/heat.js", "heat.js", "text/javascript; charset=utf-8"],
  ["/page/send.js", "send.js", "text/javascript; charset=utf-8"],
  ["/page/words.js", "words.js", "text/javascript; charset=utf-8"],
  ["/page/icon.svg", "icon.svg", "image/svg+xml"],
];

/** Example photographs; the files are in the module's `examples` folder. */
const SAMPLES: readonly (readonly [string, string])[] = [
  ["rain.png", "image/png"],
  ["raindrop.jpg", "image/jpeg"],
  ["haze.jpg", "image/jpeg"],
  ["blur.jpg", "image/jpeg"],
];

/** Allows only the page's own scripts and styles, and images from memory or from the viewer's style sheet. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A browser takes the headers of a 304 in place of those it has (RFC 9111, 4.3.4). */
const KEPT_BY_304 = [...RETAINED_304_HEADERS, "content-security-policy"];

/** Adds the page's files. */
export function addPage(app: Hono<Variables>): void {
  for (const [path, name, type] of FILES) add(app, path, `./${name}`, type);
  for (const [name, type] of SAMPLES) {
    add(app, `/page/sample/${name}`, `../../../examples/${name}`, type);
  }
}

function add(
  app: Hono<Variables>,
  path: string,
  file: string,
  type: string,
): void {
  const url = new URL(file, import.meta.url);
  let content: Promise<string | ArrayBuffer> | null = null;
  app.get(path, etag({ retainedHeaders: KEPT_BY_304 }), async () => {
    // Works for files and for modules from a web server.
    content ??= read(url);
    content.catch(() => content = null);
    return new Response(await content, {
      headers: {
        "content-type": type,
        "content-security-policy": POLICY,
        "cache-control": "no-cache",
      },
    });
  });
}

/** A file of ours; the viewer's version is filled in where it is named. */
async function read(url: URL): Promise<string | ArrayBuffer> {
  const file = await fetch(url);
  if (!url.pathname.endsWith("/api.html")) return await file.arrayBuffer();
  return (await file.text()).replaceAll("VERSION", SWAGGER_UI.version);
}
