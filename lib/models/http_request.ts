/** Requests a file, and tells transient failures from lasting ones. */
import { LimpidError } from "../errors.ts";
import { BadRedirect } from "./http_source.ts";
import { TransientError, within } from "./retry.ts";
import type { Ask, RemoteFile } from "./source.ts";

/** Bytes of an error's body that are read at most to find its code. */
const MOST_ERROR_BYTES = 8192;

/**
 * Sends one request.
 *
 * @param statuses Statuses that the caller handles.
 * @param idleTimeoutMs Milliseconds that the server may take to begin its answer.
 * @throws {TransientError} for no network, no answer, 408, 429, 5xx
 * @throws {LimpidError} `model-missing` for any other status
 */
export async function sendRequest(
  file: RemoteFile,
  request: Ask,
  statuses: readonly number[],
  idleTimeoutMs: number,
): Promise<Response> {
  const abort = new AbortController();
  const signal = AbortSignal.any([request.signal, abort.signal]);
  let response: Response;
  try {
    response = await within(
      idleTimeoutMs,
      file.request({ ...request, signal }),
    );
  } catch (error) {
    abort.abort();
    throw unreached(file, error);
  }
  const { status } = response;
  if (statuses.includes(status)) return response;
  const code = await errorCode(response, idleTimeoutMs);
  const answer = `the server answered ${status} ${response.statusText}`.trim() +
    (code === null ? "" : ` (${code})`);
  if (status === 408 || status === 429 || status >= 500) {
    throw new TransientError(answer, retryAfter(response));
  }
  throw new LimpidError(
    "model-missing",
    `${file.shown} cannot be fetched: ${answer}; ${file.advice(status)}.`,
  );
}

function unreached(file: RemoteFile, error: unknown): unknown {
  if (error instanceof TransientError) return error;
  const refuse = (why: string): LimpidError =>
    new LimpidError(
      "model-missing",
      `${file.shown} cannot be fetched: ${why}.`,
      { cause: error },
    );
  if (error instanceof Deno.errors.NotCapable) {
    const { host } = new URL(file.shown);
    return refuse(`it is not allowed; run Deno with --allow-net=${host}`);
  }
  if (error instanceof BadRedirect) {
    return refuse(`${error.message}; check the location of the models`);
  }
  if (/certificate/i.test(String(error))) {
    return refuse(
      "its server's certificate is not trusted; check the address, or name your authority's certificate in DENO_CERT",
    );
  }
  // The error's message may hold the whole URL, including secrets.
  return new TransientError("the server was not reached", 0, error);
}

/** The code in an S3 server's error, which is more precise than the status. */
async function errorCode(
  response: Response,
  idleTimeoutMs: number,
): Promise<string | null> {
  const reader = response.body?.getReader();
  if (reader === undefined) return null;
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < MOST_ERROR_BYTES) {
      const { done, value } = await within(idleTimeoutMs, reader.read());
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // The status must do.
  } finally {
    reader.cancel().catch(() => {});
  }
  return /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(text)?.[1] ?? null;
}

/** Milliseconds to wait; 0 where the server gives none. */
function retryAfter({ headers }: Response): number {
  const value = headers.get("retry-after") ?? "";
  const seconds = /^\d+$/.test(value)
    ? Number(value)
    : (Date.parse(value) - Date.now()) / 1000;
  return seconds > 0 ? seconds * 1000 : 0;
}
