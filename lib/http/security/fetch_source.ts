/**
 * Fetches an image from a URL; private networks need the operator's consent.
 */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import tls from "node:tls";
import { Readable } from "node:stream";
import { mayFetchFrom } from "./ip_ranges.ts";
import { unlessAborted } from "../../job_control.ts";
import { Problem } from "../problem.ts";
import { limitPieces } from "../body/piece_limit.ts";
import { type BodyLimits, readBody } from "../body/read_body.ts";
import { allowedUrl, forbidden, type Sources } from "./source_allowlist.ts";

/** Resolves a host to all its addresses. */
export type Resolve = (host: string) => Promise<string[]>;

/** A server's answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: ReadableStream<Uint8Array>;
}

/** Sends a GET request to an address; does not resolve the host again. */
export type Connect = (
  url: URL,
  address: string,
  signal: AbortSignal,
) => Promise<Answer>;

/** Most answers of the kind "100 Continue" before the real one. */
const MOST_INFORMATION = 16;
const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches an image. The URL and every redirect must be on the allow list, and
 * all addresses of every host must be public. The connection goes to the
 * checked address, so that a second DNS answer has no effect.
 *
 * @param onHop Called with each address before it is looked at.
 * @throws {Problem} `source-forbidden`, `source-failed`, `too-many-bytes`
 */
export async function fetchSource(
  source: string,
  sources: Sources,
  limits: BodyLimits,
  signal: AbortSignal,
  { resolve, connect }: { resolve: Resolve; connect: Connect },
  onHop: (url: URL) => void = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  // One time limit for all hops.
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(failed("it took too long")),
    limits.readTime,
  );
  const either = AbortSignal.any([signal, late.signal]);
  const allowed = (from: string): URL => {
    const asked = URL.parse(from);
    if (asked !== null) onHop(asked);
    return allowedUrl(from, sources);
  };
  try {
    let url = allowed(source);
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const address = await safeAddress(url, sources, resolve, either);
      const answer = await connect(url, address, either);
      const { status, headers, body } = answer;
      const location = text(headers.location);
      if (REDIRECTS.has(status) && location !== null) {
        await body.cancel();
        const next = URL.parse(location, url);
        if (next === null) throw forbidden();
        url = allowed(next.href);
        continue;
      }
      return await read(answer, limits, either);
    }
    throw failed("it redirects too often");
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (signal.aborted) throw signal.reason;
    if (late.signal.aborted) throw late.signal.reason;
    throw failed("it was not reached", error);
  } finally {
    clearTimeout(timer);
    late.abort();
  }
}

async function read(
  { status, headers, body }: Answer,
  limits: BodyLimits,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const encoding = text(headers["content-encoding"]) ?? "identity";
  if (status !== 200 || encoding.toLowerCase() !== "identity") {
    await body.cancel();
    throw failed(
      status === 200 ? "it is compressed" : `its server answered ${status}`,
    );
  }
  try {
    const declared = text(headers["content-length"]);
    return await readBody(body, declared, limits, signal);
  } catch (error) {
    throw error instanceof Problem ? blamedOnSource(error) : error;
  }
}

/** Blames faults of the image's server on it, not on the caller. */
function blamedOnSource(problem: Problem): Problem {
  switch (problem.code) {
    case "invalid-request":
      return failed("its server broke off", problem);
    case "too-slow-body":
      return failed("its server was too slow", problem);
    default:
      return problem;
  }
}

async function safeAddress(
  url: URL,
  { networks }: Sources,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  let addresses: string[];
  try {
    addresses = isIP(host) === 0
      ? await unlessAborted(resolve(host), signal, ({ reason }) => reason)
      : [host];
  } catch (error) {
    signal.throwIfAborted();
    throw failed("its host has no address", error);
  }
  const [first] = addresses;
  const refused = addresses.find((a) => !mayFetchFrom(a, networks));
  if (first === undefined || refused !== undefined) {
    throw forbidden(new Error(`${host} is at ${refused ?? "no address"}`));
  }
  return first;
}

/** Resolves a host with the system's resolver. */
export async function resolve(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** Connects by node:http, where address and host can be set independently. */
export function connect(
  url: URL,
  address: string,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const secure = url.protocol === "https:";
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const request = (secure ? https : http).request({
    host: address,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    path: url.pathname + url.search,
    // The certificate must match the host, not the address.
    ...(secure && isIP(name) === 0 ? { servername: name } : {}),
    headers: {
      host: url.host,
      accept: "image/*",
      "accept-encoding": "identity",
      "user-agent": "limpid",
    },
    // An agent of https would ask for extra certificates, for which Deno wants a permission.
    ...(secure
      ? { createConnection: (to) => tls.connect(to as tls.ConnectionOptions) }
      : { agent: false }),
  }, (answer: IncomingMessage) => {
    limitPieces(answer, () => {
      // Without an error what was cut off could pass for a whole body.
      answer.destroy(new Error("It comes in pieces of a few bytes."));
      request.destroy();
    });
    resolve({
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: Readable.toWeb(answer) as ReadableStream<Uint8Array>,
    });
  });
  let before = 0;
  request.on("information", () => {
    if (++before > MOST_INFORMATION) {
      request.destroy();
      reject(failed("its server does not come to an answer"));
    }
  });
  request.on("error", reject);
  const stop = (): void => {
    request.destroy();
    reject(signal.reason);
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  request.end();
  return promise;
}

function text(header: string | string[] | undefined): string | null {
  return typeof header === "string" ? header : null;
}

function failed(why: string, cause?: unknown): Problem {
  return new Problem(
    "source-failed",
    `The image could not be fetched: ${why}.`,
    { cause },
  );
}
