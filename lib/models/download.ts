/** Downloads and verifies a file, and resumes after interruptions. */
import { createHash, type Hash } from "node:crypto";
import { LimpidError } from "../errors.ts";
import { sendRequest } from "./http_request.ts";
import type { Sink } from "./partial_file.ts";
import { decodedBody, piecesOf } from "./response_body.ts";
import {
  type Attempt,
  type RetryPolicy,
  TransientError,
  withRetries,
} from "./retry.ts";
import type { RemoteFile } from "./source.ts";

/** The file to download. */
export interface Wanted {
  /** Id of the model, for messages. */
  readonly id: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** How a download is followed and limited. */
export interface DownloadOptions {
  readonly signal: AbortSignal | null;
  readonly retryPolicy: RetryPolicy;
  /** Called with the bytes received, including those of earlier attempts. */
  readonly onProgress: (bytes: number) => void;
}

/**
 * A download cannot be resumed: the server's file has changed, or the server
 * does not send ranges.
 */
class Changed extends Error {}

/**
 * Downloads into a sink, and resumes after the bytes that it has. Checks size
 * and sha256.
 *
 * @throws {LimpidError} `model-missing` where the file cannot be fetched,
 * `model-corrupt` where its size or sha256 is wrong, `aborted`
 */
export async function download(
  file: RemoteFile,
  wanted: Wanted,
  sink: Sink,
  options: DownloadOptions,
): Promise<void> {
  const resumed = sink.length > 0;
  let digest = await attempt(file, wanted, sink, options);
  if (digest !== wanted.sha256 && resumed) {
    // The bytes from earlier may be wrong: download all of them again.
    await sink.reset();
    digest = await attempt(file, wanted, sink, options);
  }
  if (digest !== wanted.sha256) {
    const is = `has the sha256 ${digest}`;
    throw corruptModel(wanted, file.shown, is, wanted.sha256);
  }
}

/** Progress of a download. */
interface State {
  /** Bytes received. */
  at: number;
  /** The most bytes ever received: fewer are no progress. */
  best: number;
  readonly hash: Hash;
  etag: string | null;
}

/** @returns the sha256 of all bytes */
async function attempt(
  file: RemoteFile,
  wanted: Wanted,
  sink: Sink,
  { signal, retryPolicy, onProgress }: DownloadOptions,
): Promise<string> {
  const usable = sink.length <= wanted.bytes;
  if (!usable) await sink.reset();
  let state: State = {
    at: usable ? sink.length : 0,
    best: 0,
    hash: usable ? await sink.hash() : createHash("sha256"),
    etag: usable ? sink.etag : null,
  };
  onProgress(state.at);
  await withRetries(retryPolicy, signal, file.shown, async (attempt) => {
    if (state.at === wanted.bytes) return;
    try {
      await fetchRest(file, wanted, state, sink, attempt, {
        idleTimeoutMs: retryPolicy.idleTimeoutMs,
        onProgress,
      });
    } catch (error) {
      if (!(error instanceof Changed)) throw error;
      await sink.reset();
      const { best } = state;
      state = { at: 0, best, hash: createHash("sha256"), etag: null };
      onProgress(0);
      throw new TransientError("the file on the server changes all the time");
    }
  });
  return state.hash.digest("hex");
}

/** Requests the missing bytes once. */
async function fetchRest(
  file: RemoteFile,
  wanted: Wanted,
  state: State,
  sink: Sink,
  { signal, progressed }: Attempt,
  { idleTimeoutMs, onProgress }:
    & Pick<RetryPolicy, "idleTimeoutMs">
    & Pick<DownloadOptions, "onProgress">,
): Promise<void> {
  const response = await requestRest(
    file,
    wanted,
    state,
    signal,
    idleTimeoutMs,
  );
  const { status, headers } = response;
  try {
    checkAnswer(file, wanted, state, response);
  } catch (error) {
    response.body?.cancel().catch(() => {});
    throw error;
  }
  if (state.at === 0) {
    // A compressed download cannot be resumed.
    const plain = status === 206 || isPlain(headers);
    state.etag = plain ? strongTag(headers.get("etag")) : null;
    await sink.note(state.etag);
  }
  const cursor = await sink.at(state.at);
  const body = decodedBody(response, file);
  for await (const piece of piecesOf(body, idleTimeoutMs, signal)) {
    if (state.at + piece.length > wanted.bytes) {
      throw wrongSize(file, wanted, `more than ${wanted.bytes}`);
    }
    state.hash.update(piece);
    await cursor.write(piece);
    state.at += piece.length;
    if (state.at > state.best) {
      state.best = state.at;
      progressed();
    }
    onProgress(state.at);
  }
  if (state.at < wanted.bytes) {
    throw new TransientError(
      `it ended after ${state.at} of ${wanted.bytes} bytes`,
    );
  }
}

async function requestRest(
  file: RemoteFile,
  { bytes }: Wanted,
  { at, etag }: State,
  signal: AbortSignal,
  idleTimeoutMs: number,
): Promise<Response> {
  const request = {
    headers: {
      // A compressed body's bytes could not be counted.
      "accept-encoding": "identity",
      ...(at > 0 && { range: `bytes=${at}-${bytes - 1}` }),
      ...(at > 0 && etag !== null && { "if-match": etag }),
    },
    signal,
  };
  return await sendRequest(file, request, [200, 206, 412, 416], idleTimeoutMs);
}

/**
 * @throws {Changed} where the answer does not continue the download
 * @throws {TransientError} for 412 and 416 where the whole file was asked for
 * @throws {LimpidError} `model-corrupt` where the file is of another size
 */
function checkAnswer(
  file: RemoteFile,
  wanted: Wanted,
  { at }: State,
  { status, headers }: Response,
): void {
  switch (status) {
    case 412:
    case 416:
      if (at > 0) throw new Changed();
      throw new TransientError(`the server answered ${status}`);
    case 206:
      if (!isPlain(headers) || !continues(headers, wanted.bytes, at)) {
        throw new Changed();
      }
      return;
    default: {
      // The server sends the whole file, which is only useful from the
      // beginning.
      if (at > 0) throw new Changed();
      const length = isPlain(headers) ? headers.get("content-length") : null;
      if (length !== null && Number(length) !== wanted.bytes) {
        throw wrongSize(file, wanted, length);
      }
    }
  }
}

function isPlain(headers: Headers): boolean {
  return (headers.get("content-encoding") ?? "identity") === "identity";
}

/** Weak tags do not promise the same bytes; If-Match never matches them. */
function strongTag(etag: string | null): string | null {
  return etag !== null && /^"[^"]*"$/.test(etag) ? etag : null;
}

/** Whether a 206 continues a file of the right size after `at` bytes. */
function continues(headers: Headers, total: number, at: number): boolean {
  const [, from, to, of] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/
    .exec(headers.get("content-range") ?? "") ?? [];
  return Number(from) === at && Number(to) < total &&
    (of === "*" || Number(of) === total);
}

function wrongSize(file: RemoteFile, wanted: Wanted, is: string): LimpidError {
  const bytes = String(wanted.bytes);
  return corruptModel(wanted, file.shown, `has ${is} bytes`, bytes);
}

/** @param is What the file has, such as `has 3 bytes`. */
export function corruptModel(
  { id }: Pick<Wanted, "id">,
  where: string,
  is: string,
  wanted: string,
): LimpidError {
  return new LimpidError(
    "model-corrupt",
    `The model ${id} at ${where} ${is}, its manifest says ${wanted}; fetch both again.`,
  );
}
