/** Fetches an image from elsewhere, without being led into the network that the service runs in. */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { Readable } from "node:stream";
import { mayFetchFrom } from "./ip_ranges.ts";
import { Problem } from "../problem.ts";
import { type BodyLimits, readBody } from "../body/read_body.ts";
import { allowedUrl, forbidden, type Sources } from "./source_allowlist.ts";

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<string[]>;

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: ReadableStream<Uint8Array>;
}

/** Sends a GET request to an address, whatever the URL's host resolves to by now. */
export type Connect = (
  url: URL,
  address: string,
  signal: AbortSignal,
) => Promise<Answer>;

const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches an image. The URL and every redirect must be on the allow list, and
 * all addresses of every host public; the connection goes to the very address
 * that was looked at, so that a second answer of DNS changes nothing.
 *
 * @throws {Problem} `source-forbidden`, `source-failed`, `too-many-bytes`
 */
export async function fetchSource(
  source: string,
  sources: Sources,
  limits: BodyLimits,
  signal: AbortSignal,
  { resolve, connect }: { resolve: Resolve; connect: Connect },
): Promise<Uint8Array<ArrayBuffer>> {
  // One limit of time over all hops.
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(failed("it took too long")),
    limits.readTime,
  );
  const either = AbortSignal.any([signal, late.signal]);
  try {
    let url = allowedUrl(source, sources);
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const address = await safeAddress(url, sources, resolve, either);
      const answer = await connect(url, address, either);
      const { status, headers, body } = answer;
      const location = text(headers.location);
      if (REDIRECTS.has(status) && location !== null) {
        await body.cancel();
        const next = URL.parse(location, url);
        if (next === null) throw forbidden();
        url = allowedUrl(next.href, sources);
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
  if (status !== 200 || encoding !== "identity") {
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

/** Faults of the image's server are not the caller's. */
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
    addresses = isIP(host) === 0 ? await within(resolve(host), signal) : [host];
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

/** What a promise gives, unless the signal is given before: not everything can be stopped. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** The system's own resolver. */
export async function resolve(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** A connection by node:http, which can be told the address apart from the host. */
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
    // The certificate must be the host's, not the address's.
    ...(secure && isIP(name) === 0 ? { servername: name } : {}),
    headers: {
      host: url.host,
      accept: "image/*",
      "accept-encoding": "identity",
      "user-agent": "limpid",
    },
    agent: false,
  }, (answer: IncomingMessage) => {
    resolve({
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: Readable.toWeb(answer) as ReadableStream<Uint8Array>,
    });
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
