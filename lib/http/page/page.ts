/** The page at `/`: a few static files beside this module. */
import type { Hono } from "../../../deps_http.ts";
import type { Variables } from "../request_context.ts";

/** Path, file, media type. */
const FILES: readonly (readonly [string, string, string])[] = [
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/page/style.css", "style.css", "text/css; charset=utf-8"],
  ["/page/app.js", "app.js", "text/javascript; charset=utf-8"],
  ["/page/icon.svg", "icon.svg", "image/svg+xml"],
];

/** No script and no style but the page's own; pictures from the page's memory. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Adds the page's files. */
export function addPage(app: Hono<Variables>): void {
  for (const [path, name, type] of FILES) {
    const url = new URL(`./${name}`, import.meta.url);
    let text: Promise<string> | null = null;
    app.get(path, async () => {
      // Works for files and for modules from a web server alike.
      text ??= fetch(url).then((file) => file.text());
      text.catch(() => text = null);
      return new Response(await text, {
        headers: {
          "content-type": type,
          "content-security-policy": POLICY,
          "cache-control": "no-cache",
        },
      });
    });
  }
}
