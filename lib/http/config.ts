/** The operator's settings: each has a flag, a variable and a safe default. */
import {
  choice,
  type Flag,
  numberBy,
  parseFlags,
  text,
  type Values,
} from "../flags/parse_flags.ts";
import {
  IMAGE_FLAGS,
  imageDefaults,
  restorerOptions,
  RUNTIME_FLAGS,
} from "../flags/runtime_flags.ts";
import { NUMBERS, restorerSettings, restoreSettings } from "../options.ts";
import { numberFrom, wholeNumberFrom } from "../rules.ts";
import { LimpidError } from "../errors.ts";
import type { Size } from "../models/manifest.ts";
import type { Environment } from "../permissions.ts";
import { publicAddress } from "../public_url.ts";
import type {
  Device,
  Precision,
  RestoreOptions,
  RestorerOptions,
} from "../types.ts";
import { type Protocol, PROTOCOLS } from "./listen/listen.ts";
import type { BodyLimits } from "./body/read_body.ts";
import { type Key, parseKeys, parseTokens } from "./security/secrets.ts";
import {
  parseEndpoint,
  parseNetworks,
  parseSources,
  type Sources,
} from "./security/source_allowlist.ts";

/** Most milliseconds of each stage of a job. */
export interface StageTimes {
  readonly decode: number;
  readonly mask: number;
  readonly restore: number;
  readonly encode: number;
}

/** The service's configuration. */
export interface ServeConfig {
  readonly host: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly connections: number;
  readonly restorer: RestorerOptions & {
    readonly device: Device | "auto";
    readonly precision: Precision | "auto";
    readonly size: Size | "auto";
    readonly offline: boolean;
    readonly maxPixels: number;
    readonly maxBytes: number;
  };
  /** Options of every image, where set; a request may have a `minConfidence` of its own. */
  readonly image: Pick<RestoreOptions, "minConfidence" | "tile" | "halo">;
  readonly body: BodyLimits;
  readonly jobs: number;
  readonly queue: number;
  /** Most milliseconds in the queue. */
  readonly queueTime: number;
  readonly stages: StageTimes;
  /** Milliseconds without progress after which an answer is aborted. */
  readonly writeTime: number;
  /** Bytes of all open answers beyond which the slowest are aborted. */
  readonly answerBytes: number;
  /** Seconds that caches may keep answers that depend on their address alone. */
  readonly maxAge: number;
  /** Milliseconds for requests to finish after the signal to stop. */
  readonly drainTime: number;
  /** Milliseconds from "not ready" until no connection is accepted any more. */
  readonly lingerTime: number;
  readonly tokens: readonly string[];
  readonly urlKeys: readonly Key[];
  readonly cors: readonly string[];
  readonly sources: Sources;
}

/** A flag of the service, with the value that stands where it is not set. */
interface Setting<T> extends Flag<T> {
  readonly fallback: T;
}

/** @param told The default in the help text, where that is more than the value. */
function setting<T>(
  value: string,
  help: string,
  fallback: T,
  parse: Flag<T>["parse"],
  told = String(fallback),
): Setting<T> {
  return { value, help: `${help}; default ${told}`, fallback, parse };
}

/** Bytes, also in MiB. */
function told(bytes: number): string {
  return `${bytes} (${bytes / 2 ** 20} MiB)`;
}

const MAX_BYTES = 32 * 2 ** 20, ANSWER_BYTES = 256 * 2 ** 20;

const seconds = numberBy(numberFrom(0.01, 3600));

/** Parses origins of web pages. */
function origins(value: string, label: string): string[] {
  return value.split(",").map((part) => {
    const origin = part.trim();
    if (origin === "*" || URL.parse(origin)?.origin === origin) return origin;
    throw new LimpidError(
      "invalid-option",
      `${label} must be * or origins such as https://example.org, separated by commas.`,
    );
  });
}

function portNumber(value: string, label: string): number {
  if (/^[a-z]+:\/\//.test(value)) {
    throw new LimpidError(
      "invalid-option",
      `${label} is an address, as Kubernetes sets it for a Service of that name; set enableServiceLinks: false in the pod, or name the Service otherwise.`,
    );
  }
  return numberBy(wholeNumberFrom(0, 65535))(value, label);
}

/** Where and how the service listens. */
const LISTENING = {
  host: setting(
    "H",
    "address to listen on; 0.0.0.0 for all",
    "127.0.0.1",
    text,
  ),
  port: setting(
    "P",
    "port; 0 for any that is free",
    8000,
    portNumber,
  ),
  protocol: setting(
    "P",
    "http1, or h2c (HTTP/2 without TLS) behind a proxy that speaks it",
    "http1",
    choice<Protocol>(PROTOCOLS),
  ),
  connections: setting(
    "N",
    "connections at a time; further ones are closed at once; each takes one file descriptor, or three over HTTP/2",
    1024,
    numberBy(wholeNumberFrom(1, 1_000_000)),
  ),
} as const;

/** How it works. */
const WORKING = {
  jobs: setting(
    "N",
    "images processed at a time; each takes memory in proportion to its pixels",
    2,
    numberBy(wholeNumberFrom(1, 256)),
  ),
  queue: setting(
    "N",
    "images that may wait; further ones are answered 429 at once",
    8,
    numberBy(wholeNumberFrom(0, 10_000)),
  ),
  "max-bytes": setting(
    "N",
    "bytes of a body, or of an image that is fetched",
    MAX_BYTES,
    numberBy(NUMBERS.maxBytes),
    told(MAX_BYTES),
  ),
  "max-pixels": setting(
    "N",
    "pixels of an image, checked before it is decoded",
    25_000_000,
    numberBy(NUMBERS.maxPixels),
  ),
  "idle-time": setting(
    "S",
    "seconds between two pieces of a body",
    10,
    seconds,
  ),
  "read-time": setting("S", "seconds for a whole body", 60, seconds),
  "queue-time": setting("S", "seconds in the queue", 60, seconds),
  "decode-time": setting("S", "seconds to decode an image", 30, seconds),
  "mask-time": setting("S", "seconds to find its damage", 120, seconds),
  "restore-time": setting("S", "seconds to restore it", 300, seconds),
  "encode-time": setting("S", "seconds to encode the result", 30, seconds),
  "write-time": setting(
    "S",
    "seconds without progress after which an answer is aborted",
    30,
    seconds,
  ),
  "answer-bytes": setting(
    "N",
    "bytes of all answers that clients are receiving; beyond it the slowest are aborted",
    ANSWER_BYTES,
    numberBy(wholeNumberFrom(1, 2 ** 36)),
    told(ANSWER_BYTES),
  ),
  "max-age": setting(
    "S",
    "seconds that caches may keep what GET /restore answers, where its URL is signed or anyone may call",
    0,
    numberBy(wholeNumberFrom(0, 31_536_000)),
    "0, they ask again each time",
  ),
  "drain-time": setting(
    "S",
    "seconds for requests to finish after SIGTERM",
    30,
    seconds,
  ),
  "linger-time": setting(
    "S",
    "seconds after SIGTERM in which requests are still accepted, while /readyz answers 503",
    0,
    numberBy(numberFrom(0, 600)),
  ),
  tokens: {
    ...setting(
      "LIST",
      "bearer tokens, separated by commas (use the variable: command lines can be seen)",
      [],
      parseTokens,
      "none, anyone may call",
    ),
    secret: true,
  },
  "url-keys": {
    ...setting(
      "LIST",
      "keys of signed URLs, ID:SECRET, separated by commas (use the variable)",
      [],
      parseKeys,
      "none",
    ),
    secret: true,
  },
  cors: setting(
    "LIST",
    "origins of pages that may call from a browser, separated by commas, or *",
    [],
    origins,
    "none",
  ),
  sources: setting(
    "LIST",
    "where GET /restore?url= may fetch from: URL prefixes, gs://BUCKET, s3://BUCKET",
    [],
    parseSources,
    "none, nothing is fetched",
  ),
  "s3-endpoint": setting(
    "URL",
    "server of s3:// buckets, path-style",
    "https://s3.amazonaws.com",
    parseEndpoint,
  ),
  "source-networks": setting(
    "LIST",
    "networks (CIDR), not public, that sources may be in; whoever may call can then fetch from them",
    [],
    parseNetworks,
    "none",
  ),
} as const;

/** The settings as flags, for `serve --help`; those of device, models and images have the library's defaults. */
export const SETTINGS = {
  ...LISTENING,
  ...RUNTIME_FLAGS,
  ...IMAGE_FLAGS,
  ...WORKING,
};

const DEFAULTS = Object.fromEntries(
  Object.entries({ ...LISTENING, ...WORKING }).map(([name, { fallback }]) => [
    name,
    fallback,
  ]),
) as Required<Values<typeof LISTENING & typeof WORKING>>;

/**
 * Makes the configuration from flags and variables.
 *
 * @throws {LimpidError} `invalid-option`, so that no image fails for it later
 */
export function serveConfig(values: Values<typeof SETTINGS>): ServeConfig {
  const config = configOf(values);
  restorerSettings(config.restorer);
  restoreSettings(config.image);
  return config;
}

function configOf(values: Values<typeof SETTINGS>): ServeConfig {
  const set = { ...DEFAULTS, ...values };
  const ms = (name: Extract<keyof typeof DEFAULTS, `${string}-time`>): number =>
    1000 * set[name];
  const maxBytes = set["max-bytes"];
  return {
    host: set.host,
    port: set.port,
    protocol: set.protocol,
    connections: set.connections,
    restorer: {
      device: "auto",
      precision: "auto",
      size: "auto",
      offline: false,
      ...restorerOptions(values),
      maxPixels: set["max-pixels"],
      maxBytes,
    },
    image: imageDefaults(values),
    jobs: set.jobs,
    queue: set.queue,
    queueTime: ms("queue-time"),
    body: {
      maxBytes,
      idleTime: ms("idle-time"),
      readTime: ms("read-time"),
    },
    stages: {
      decode: ms("decode-time"),
      mask: ms("mask-time"),
      restore: ms("restore-time"),
      encode: ms("encode-time"),
    },
    writeTime: ms("write-time"),
    answerBytes: set["answer-bytes"],
    maxAge: set["max-age"],
    drainTime: ms("drain-time"),
    lingerTime: ms("linger-time"),
    tokens: set.tokens,
    urlKeys: set["url-keys"],
    cors: set.cors,
    sources: {
      prefixes: set.sources,
      s3Endpoint: set["s3-endpoint"],
      networks: set["source-networks"],
    },
  };
}

/**
 * Makes the configuration from variables only, where there is no command line.
 *
 * @throws {LimpidError} `invalid-option`
 */
export function environmentConfig(environment: Environment): ServeConfig {
  return serveConfig(parseFlags(SETTINGS, [], environment).values);
}

/** The configuration for the log, with tokens counted and keys only named. */
export function publicConfig(config: ServeConfig): Record<string, unknown> {
  const { tokens, urlKeys, restorer, sources, ...rest } = config;
  const { models = null, ...others } = restorer;
  return {
    ...rest,
    restorer: {
      ...others,
      models: models === null ? null : publicAddress(String(models)),
    },
    sources: { ...sources, s3Endpoint: publicAddress(sources.s3Endpoint) },
    tokens: tokens.length,
    urlKeys: urlKeys.map(({ id }) => id),
  };
}
