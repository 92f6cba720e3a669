/** Whole files from folders and web servers, never longer than expected. */
import { LimpidError } from "../errors.ts";

/** Milliseconds after which a server that sends nothing is given up. */
const STALL = 30_000;

/**
 * The file at a `file:`, `http:` or `https:` URL.
 *
 * @param most Bytes after which reading stops: of a longer file comes its
 * beginning, longer than `most`.
 * @param stall Milliseconds that a server may send nothing. Default 30 s.
 * @throws {LimpidError} `model-missing`, naming the URL and what to do.
 */
export async function readBytes(
  url: URL,
  most: number,
  stall: number = STALL,
): Promise<Uint8Array<ArrayBuffer>> {
  const abort = new AbortController();
  try {
    const body = url.protocol === "file:"
      ? (await Deno.open(url)).readable
      : await within(stall, fetchBody(url, abort.signal));
    return await collect(body, most, stall);
  } catch (error) {
    throw new LimpidError(
      "model-missing",
      `${publicUrl(url)} cannot be read: ${explain(error, url, stall)}.`,
      { cause: error },
    );
  } finally {
    abort.abort();
  }
}

/** A URL as messages may show it: without password and query, which can hold secrets. */
export function publicUrl(url: URL): string {
  const shown = new URL(url);
  shown.username =
    shown.password =
    shown.search =
    shown.hash =
      "";
  return shown.href;
}

class Stalled extends Error {}

class Refused extends Error {}

async function fetchBody(
  url: URL,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { ok, status, statusText, body } = await fetch(url, { signal });
  if (!ok || body === null) throw new Refused(`${status} ${statusText}`.trim());
  return body;
}

async function collect(
  body: ReadableStream<Uint8Array>,
  most: number,
  stall: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  try {
    while (length <= most) {
      const { done, value } = await within(stall, reader.read());
      if (done) break;
      chunks.push(value);
      length += value.length;
    }
  } finally {
    // Closes the file; a no-op at the end of the stream.
    await reader.cancel();
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Waits for a promise no longer than `stall` milliseconds. */
async function within<T>(stall: number, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Stalled()), stall);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A clause that says what went wrong and what to do. */
function explain(error: unknown, url: URL, stall: number): string {
  if (error instanceof Deno.errors.NotCapable) {
    const flag = url.protocol === "file:" ? "read" : `net=${url.host}`;
    return `it is not allowed; run Deno with --allow-${flag}`;
  }
  if (error instanceof Deno.errors.NotFound) {
    return "there is no such file; check the location of the models";
  }
  if (error instanceof Refused) {
    return `the server answered ${error.message}; check the location of the models`;
  }
  if (error instanceof Stalled) {
    return `the server sent nothing for ${stall / 1000} s; try again`;
  }
  const message = error instanceof Error ? error.message : String(error);
  return url.protocol === "file:"
    ? `${message}; check the file`
    : "the server was not reached; check the address and the network";
}
