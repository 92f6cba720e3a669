/** Checks who may call. */
import { createHmac } from "node:crypto";
import type { ServeConfig } from "../config.ts";
import { Problem } from "../problem.ts";
import { type Key, sameSecret } from "./secrets.ts";

/** Callers with a token, or with a URL that was signed for them. */
type Callers = Pick<ServeConfig, "tokens" | "urlKeys">;

/**
 * Checks a request; where neither tokens nor keys are configured, anyone may
 * call.
 *
 * @param now Milliseconds since 1970.
 * @throws {Problem} `unauthorised` without or with a wrong token, `forbidden`
 * with a wrong or expired signature
 */
export function authorise(
  request: Request,
  { tokens, urlKeys }: Callers,
  now: number = Date.now(),
): void {
  if (tokens.length === 0 && urlKeys.length === 0) return;
  const header = request.headers.get("authorization");
  if (header !== null) {
    const token = /^Bearer +([^ ]+) *$/i.exec(header)?.[1] ?? "";
    // Compare all tokens, so that the time tells nothing.
    const fits = tokens.map((known) => sameSecret(known, token));
    if (fits.includes(true)) return;
  }
  // A proxy may send a header of its own along with a signed URL.
  const url = new URL(request.url);
  if (url.searchParams.has("signature")) {
    checkSignature(request.method, url, urlKeys, now);
    return;
  }
  if (header !== null) {
    throw new Problem("unauthorised", "The token is not accepted.");
  }
  throw new Problem(
    "unauthorised",
    "Send a token (Authorization: Bearer ...), or use a signed URL.",
  );
}

function checkSignature(
  method: string,
  url: URL,
  keys: readonly Key[],
  now: number,
): void {
  const query = url.searchParams;
  const refused = (): Problem =>
    new Problem("forbidden", "The signature is not accepted, or has expired.");
  // Other software might read a duplicate differently.
  const all = ["expires", "key", "signature"].map((n) => query.getAll(n));
  if (all.some((values) => values.length !== 1)) throw refused();
  const [expires, id, signature] = all.flat() as [string, string, string];
  const key = keys.find((k) => k.id === id);
  const wanted = signatureOf(method, url, key?.secret ?? "");
  const good = sameSecret(wanted, signature);
  if (key === undefined || !good) throw refused();
  if (!/^\d{1,12}$/.test(expires) || Number(expires) * 1000 <= now) {
    throw refused();
  }
}

/**
 * Signs a URL: HMAC-SHA256, as base64url, of three lines: method, path, and the
 * sorted query without `signature`.
 *
 * @param method The only method that the URL allows. HEAD counts as GET.
 * @param expires Time of expiry, in seconds since 1970.
 *
 * @example
 * ```ts
 * import { signUrl } from "./authorise.ts";
 * import assert from "node:assert/strict";
 *
 * const key = { id: "2026", secret: "a secret of 16 letters or more" };
 * const url = signUrl("POST", new URL("https://example.org/restore"), key, 2e9);
 * assert.equal(url.searchParams.get("expires"), "2000000000");
 * ```
 */
export function signUrl(
  method: string,
  url: URL,
  key: Key,
  expires: number,
): URL {
  const signed = new URL(url);
  signed.searchParams.set("expires", String(expires));
  signed.searchParams.set("key", key.id);
  signed.searchParams.delete("signature");
  signed.searchParams.set("signature", signatureOf(method, signed, key.secret));
  return signed;
}

function signatureOf(method: string, url: URL, secret: string): string {
  const query = new URLSearchParams(url.searchParams);
  query.delete("signature");
  query.sort();
  const text = [method === "HEAD" ? "GET" : method, url.pathname, query].join(
    "\n",
  );
  return createHmac("sha256", secret).update(text).digest("base64url");
}
