/** How long caches may keep an answer. */
import type { ServeConfig } from "../config.ts";

/**
 * The Cache-Control of an answer: `--max-age` where the address is all that it
 * depends on, which a signed URL or a service without tokens makes sure of; as
 * long as the signature at most. Caches ask again about all others.
 *
 * @param now Milliseconds since 1970.
 */
export function cacheControl(
  { method, url, headers }: Pick<Request, "method" | "url" | "headers">,
  { maxAge, tokens, urlKeys }: Pick<
    ServeConfig,
    "maxAge" | "tokens" | "urlKeys"
  >,
  now: number = Date.now(),
): string {
  const expires = new URL(url).searchParams.get("expires");
  const isOpen = tokens.length === 0 && urlKeys.length === 0;
  const most = isOpen
    ? maxAge
    // A token admits whatever the address says.
    : expires === null || headers.has("authorization")
    ? 0
    : Math.min(maxAge, Math.floor(Number(expires) - now / 1000));
  return method !== "POST" && most > 0
    ? `public, max-age=${most}`
    : "private, no-cache";
}
