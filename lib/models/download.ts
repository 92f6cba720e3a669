/** Brings a file from a server, whole and unchanged, through interruptions. */
import { createHash, type Hash } from "node:crypto";
import { LimpidError } from "../errors.ts";
import type { Chunk } from "./manifest.ts";
import {
  type Attempt,
  type RetryPolicy,
  TransientError,
  withRetries,
} from "./retry.ts";
import { decodedBody } from "./body.ts";
import { streamBody } from "./intake.ts";
import { sendRequest } from "./http_request.ts";
import type { Sink } from "./partial_file.ts";
import type { RemoteFile } from "./source.ts";

/** Chunks that are fetched at a time. */
const SIDE_BY_SIDE = 4;

/** What is to come. */
export interface Wanted {
  /** For messages. */
  readonly id: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly chunks?: readonly Chunk[];
}

/** How a download is watched and limited. */
export interface DownloadOptions {
  readonly signal: AbortSignal | null;
  readonly retryPolicy: RetryPolicy;
  /** Bytes that have come, those of earlier attempts included. */
  readonly onProgress: (bytes: number) => void;
}

/** What was begun cannot be gone on with: the server has another object now, or the part was spoiled. */
class Changed extends Error {}
/** The server does not send parts of files. */
class NoRanges extends Error {}

/**
 * Downloads into a sink, going on where that stands. Size and sha256 are
 * checked, of every chunk and of the whole.
 *
 * @throws {LimpidError} `model-missing` where the file does not come,
 * `model-corrupt` where it is another, `aborted`
 */
export async function download(
  file: RemoteFile,
  wanted: Wanted,
  sink: Sink,
  options: DownloadOptions,
): Promise<void> {
  if (wanted.chunks !== undefined && wanted.chunks.length > 1) {
    try {
      return await inChunks(file, wanted, wanted.chunks, sink, options);
    } catch (error) {
      if (!(error instanceof NoRanges) && !(error instanceof Changed)) {
        throw error;
      }
      await sink.reset();
    }
  }
  const resumed = sink.length > 0;
  const right = await inOnePiece(file, wanted, sink, options, resumed);
  if (right) return;
  // What was there before may have been wrong, not what came now.
  await sink.reset();
  await inOnePiece(file, wanted, sink, options, false);
}

/** @returns whether the hash is right; `false` only where `lenient`. */
async function inOnePiece(
  file: RemoteFile,
  wanted: Wanted,
  sink: Sink,
  { signal, retryPolicy, onProgress }: DownloadOptions,
  lenient: boolean,
): Promise<boolean> {
  const span = { from: 0, bytes: wanted.bytes, whole: true };
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
      await fetchSpan(file, wanted, span, state, sink, attempt, retryPolicy, {
        began: (etag) => sink.note(etag, []),
        progressed: onProgress,
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
  const digest = state.hash.digest("hex");
  if (digest === wanted.sha256) return true;
  if (lenient) return false;
  throw wrongHash(file, wanted, digest);
}

async function inChunks(
  file: RemoteFile,
  wanted: Wanted,
  chunks: readonly Chunk[],
  sink: Sink,
  { signal, retryPolicy, onProgress }: DownloadOptions,
): Promise<void> {
  const failed = new AbortController();
  const stop = signal === null
    ? failed.signal
    : AbortSignal.any([signal, failed.signal]);
  const done = new Set(sink.done);
  const came = chunks.map(({ bytes }, i) => done.has(i) ? bytes : 0);
  const report = (): void => onProgress(came.reduce((a, b) => a + b, 0));
  let etag = sink.etag;
  let from = 0;
  const jobs = chunks.map((chunk, index) => {
    const span = { from, bytes: chunk.bytes, whole: false };
    from += chunk.bytes;
    return { chunk, index, span };
  }).filter(({ index }) => !done.has(index));
  report();

  const fetchChunk = async (
    { chunk, index, span }: typeof jobs[number],
  ): Promise<void> => {
    const state: State = { at: 0, best: 0, hash: createHash("sha256"), etag };
    await withRetries(retryPolicy, stop, file.shown, (attempt) => {
      state.etag ??= etag;
      if (state.at === span.bytes) return Promise.resolve();
      return fetchSpan(file, wanted, span, state, sink, attempt, retryPolicy, {
        began(found): Promise<void> {
          etag ??= found;
          return Promise.resolve();
        },
        progressed(at): void {
          came[index] = at;
          report();
        },
      });
    });
    const digest = state.hash.digest("hex");
    if (digest !== chunk.sha256) {
      throw wrongHash(
        file,
        { id: `${wanted.id}, chunk ${index},`, ...chunk },
        digest,
      );
    }
    done.add(index);
    await sink.note(etag, done);
  };
  const workers = Array.from({ length: SIDE_BY_SIDE }, async () => {
    for (let job; !failed.signal.aborted && (job = jobs.shift());) {
      try {
        await fetchChunk(job);
      } catch (error) {
        // The first error is the cause of those that the abort brings about.
        failed.abort(error);
      }
    }
  });
  await Promise.all(workers);
  if (failed.signal.aborted) throw failed.signal.reason;
  const digest = await sink.digest();
  if (digest === wanted.sha256) return;
  // What was there before may have been wrong, not what came now.
  throw sink.done.size > 0 ? new Changed() : wrongHash(file, wanted, digest);
}

/** How far a span has come. */
interface State {
  /** Bytes of the span that are there. */
  at: number;
  /** The most that were there ever: to come as far again is no progress. */
  best: number;
  readonly hash: Hash;
  etag: string | null;
}

interface Span {
  /** Where in the file it begins. */
  readonly from: number;
  readonly bytes: number;
  /** Whether it is the whole file. */
  readonly whole: boolean;
}

interface Events {
  /** The server has begun to send an object. */
  began(etag: string | null): Promise<void>;
  progressed(at: number): void;
}

/** One attempt to bring a span to its end. */
async function fetchSpan(
  file: RemoteFile,
  wanted: Wanted,
  span: Span,
  state: State,
  sink: Sink,
  { signal, progressed }: Attempt,
  { idleTimeoutMs }: RetryPolicy,
  events: Events,
): Promise<void> {
  const first = span.from + state.at;
  const last = span.from + span.bytes - 1;
  const partial = !span.whole || state.at > 0;
  const response = await sendRequest(
    file,
    {
      headers: {
        // Bytes of another encoding could not be counted.
        "accept-encoding": "identity",
        ...(partial ? { range: `bytes=${first}-${last}` } : {}),
        ...(partial && state.etag !== null ? { "if-match": state.etag } : {}),
      },
      signal,
    },
    [200, 206, 412, 416],
    idleTimeoutMs,
  );
  const drop = (): void => void response.body?.cancel().catch(() => {});
  const { status, headers } = response;
  const coding = headers.get("content-encoding") ?? "identity";
  const etag = strongTag(headers.get("etag"));
  if (status === 412 || status === 416) {
    drop();
    throw partial
      ? new Changed()
      : new TransientError(`the server answered ${status}`);
  }
  if (
    status === 206 &&
    (coding !== "identity" || !continues(headers, wanted.bytes, first, last))
  ) {
    drop();
    throw span.whole ? new Changed() : new NoRanges();
  }
  if (status === 200 && partial) {
    // The server sends the whole file: a part of it is of no use, the beginning is.
    if (!span.whole || state.at > 0) {
      drop();
      throw span.whole ? new Changed() : new NoRanges();
    }
  }
  if (status === 200 && coding === "identity") {
    const length = headers.get("content-length");
    if (length !== null && Number(length) !== wanted.bytes) {
      drop();
      throw wrongSize(file, wanted, length);
    }
  }
  if (state.at === 0) {
    // What is compressed cannot be gone on with.
    state.etag = coding === "identity" ? etag : null;
    await events.began(state.etag);
  }

  const place = await sink.at(first);
  const start = state.at;
  let came = 0;
  try {
    const body = decodedBody(response, file);
    await streamBody(body, state.hash, place, idleTimeoutMs, signal, {
      received(bytes): void {
        came += bytes;
        if (start + came > span.bytes) {
          throw wrongSize(file, wanted, `more than ${wanted.bytes}`);
        }
        if (start + came > state.best) {
          state.best = start + came;
          progressed();
        }
      },
      stored(bytes): void {
        state.at += bytes;
        events.progressed(state.at);
      },
    });
  } finally {
    place.close();
  }
  if (state.at < span.bytes) {
    throw new TransientError(
      `it ended after ${span.from + state.at} of ${wanted.bytes} bytes`,
    );
  }
}

/** Weak tags do not promise the same bytes, and If-Match never matches them. */
function strongTag(etag: string | null): string | null {
  return etag !== null && /^"[^"]*"$/.test(etag) ? etag : null;
}

/** Whether a 206 brings just what was asked for, of a file of the right size. */
function continues(
  headers: Headers,
  total: number,
  first: number,
  last: number,
): boolean {
  const [, from, to, of] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/
    .exec(headers.get("content-range") ?? "") ?? [];
  return Number(from) === first && Number(to) <= last &&
    (of === "*" || Number(of) === total);
}

function wrongSize(
  file: RemoteFile,
  { id, bytes }: Wanted,
  is: string,
): LimpidError {
  return corrupt(file, id, `has ${is} bytes`, String(bytes));
}

function wrongHash(
  file: RemoteFile,
  { id, sha256 }: Omit<Wanted, "chunks">,
  digest: string,
): LimpidError {
  return corrupt(file, id, `has the sha256 ${digest}`, sha256);
}

function corrupt(
  { shown }: RemoteFile,
  id: string,
  is: string,
  wanted: string,
): LimpidError {
  return new LimpidError(
    "model-corrupt",
    `The model ${id} at ${shown} ${is}, its manifest says ${wanted}; fetch both again.`,
  );
}
