/** Decides from where images may be fetched. */
import { ipaddr } from "../../../deps_http.ts";
import { LimpidError } from "../../errors.ts";
import type { IpRange } from "./ip_ranges.ts";
import { Problem } from "../problem.ts";

/** The allow list. */
export interface Sources {
  /**
   * Allowed URL prefixes: `https://photos.example.org/`, `gs://bucket/`,
   * `s3://bucket/`.
   */
  readonly prefixes: readonly string[];
  /** Server of `s3://` buckets, path-style. */
  readonly s3Endpoint: string;
  /** Networks that sources may be in although they are not public. */
  readonly networks: readonly IpRange[];
}

const GOOGLE = "https://storage.googleapis.com";

/** Parses URL prefixes and buckets, separated by commas. */
export function parseSources(value: string, label: string): string[] {
  return value.split(",").map((part) => {
    const url = URL.parse(part.trim());
    // A host with a wildcard would be taken for that very name.
    const good = url !== null && url.host !== "" && !url.host.includes("*") &&
      !url.username && !url.password && !url.search && !url.hash &&
      ["http:", "https:", "gs:", "s3:"].includes(url.protocol);
    if (!good) {
      throw new LimpidError(
        "invalid-option",
        `${label} must be URLs of http, https, gs or s3, without wildcard, password and query, separated by commas.`,
      );
    }
    // "https://host/photos" must not stand for "https://host/photos-private".
    return url.href.endsWith("/") ? url.href : `${url.href}/`;
  });
}

/** Parses the URL of an S3 server. */
export function parseEndpoint(value: string, label: string): string {
  const url = URL.parse(value.trim());
  const good = url !== null && ["http:", "https:"].includes(url.protocol) &&
    !url.username && !url.password && !url.search && !url.hash;
  if (good) return url.href;
  throw new LimpidError(
    "invalid-option",
    `${label} must be a URL of http or https, without password and query.`,
  );
}

/** Parses networks as CIDR, separated by commas. */
export function parseNetworks(value: string, label: string): IpRange[] {
  return value.split(",").map((part) => {
    try {
      return ipaddr.parseCIDR(part.trim());
    } catch {
      throw new LimpidError(
        "invalid-option",
        `${label} must be networks such as 10.8.0.0/16, separated by commas.`,
      );
    }
  });
}

/**
 * The http or https URL of an allowed source.
 *
 * @throws {Problem} `source-forbidden` for sources that are not on the list.
 */
export function allowedUrl(source: string, sources: Sources): URL {
  const url = URL.parse(source);
  if (url === null || url.username || url.password || ambiguous(url)) {
    throw forbidden();
  }
  url.hash = "";
  if (!sources.prefixes.some((prefix) => url.href.startsWith(prefix))) {
    throw forbidden();
  }
  if (url.protocol === "gs:") return inBucket(GOOGLE, url);
  if (url.protocol === "s3:") return inBucket(sources.s3Endpoint, url);
  return url;
}

/** Most times that chained servers decode a path. */
const DECODINGS = 4;

/**
 * Whether another server may read a path as one outside the prefix: some decode
 * paths again, drop what follows `;` in a part (a parameter in RFC 2396) or
 * spaces around it, or take other characters for dots and slashes.
 */
function ambiguous({ pathname }: URL): boolean {
  const slashes = pathname.split("/").length;
  let path = pathname;
  for (let round = 0; round <= DECODINGS; round++) {
    const folded = path.normalize("NFKC");
    const parts = folded.split("/");
    if (parts.length !== slashes || /[\p{Cc}\\]/u.test(folded)) return true;
    if (parts.some((part) => /^\s*\.{1,2}\s*(;|$)/.test(part))) return true;
    const decoded = decode(path);
    if (decoded === path) return false;
    if (decoded === null) return true;
    path = decoded;
  }
  return true;
}

/**
 * Decodes a path once, and leaves a % that encodes nothing; `null` where bytes
 * are not UTF-8, or for %u and four digits, which is no standard.
 */
function decode(path: string): string | null {
  if (/%u[0-9a-f]{4}/i.test(path)) return null;
  try {
    return path.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent);
  } catch {
    return null;
  }
}

function inBucket(server: string, { host, pathname }: URL): URL {
  return new URL(`${server.replace(/\/+$/, "")}/${host}${pathname}`);
}

/**
 * The error for every refused source; it gives no reason, which would reveal
 * the network.
 */
export function forbidden(cause?: unknown): Problem {
  return new Problem(
    "source-forbidden",
    "Images must not be fetched from this address; use one that the operator allows.",
    { cause },
  );
}
