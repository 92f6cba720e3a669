/** From where images may be fetched. */
import { ipaddr } from "../../deps_http.ts";
import { LimpidError } from "../errors.ts";
import type { Network } from "./addresses.ts";
import { Problem } from "./problem.ts";

/** The allow list. */
export interface Sources {
  /** URLs that a source begins with: `https://photos.example.org/`, `gs://bucket/`, `s3://bucket/`. */
  readonly prefixes: readonly string[];
  /** Server of `s3://` buckets, path-style. */
  readonly s3Endpoint: string;
  /** Networks that sources may be in though they are not public. */
  readonly networks: readonly Network[];
}

const GOOGLE = "https://storage.googleapis.com";

/** URL prefixes and buckets, separated by commas. */
export function parseSources(value: string, label: string): string[] {
  return value.split(",").map((part) => {
    const url = URL.parse(part.trim());
    const good = url !== null && url.host !== "" && !url.username &&
      !url.password && !url.search && !url.hash &&
      ["http:", "https:", "gs:", "s3:"].includes(url.protocol);
    if (!good) {
      throw new LimpidError(
        "invalid-option",
        `${label} must be URLs of http, https, gs or s3, without password and query, separated by commas.`,
      );
    }
    // "https://host/photos" must not stand for "https://host/photos-private".
    return url.href.endsWith("/") ? url.href : `${url.href}/`;
  });
}

/** Networks as CIDR, separated by commas. */
export function parseNetworks(value: string, label: string): Network[] {
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
 * The http or https URL that a source stands for.
 *
 * @throws {Problem} `source-forbidden` for all that the list does not name.
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

/** Paths that another server may read as leading out of the prefix. */
function ambiguous({ pathname }: URL): boolean {
  return /%2f|%5c|%00|\\/i.test(pathname) ||
    pathname.split("/").some((part) => /^(\.|%2e){1,2}$/i.test(part));
}

function inBucket(server: string, { host, pathname }: URL): URL {
  return new URL(`${server.replace(/\/+$/, "")}/${host}${pathname}`);
}

/** What is said of every source that is refused: not why, which would tell of the network. */
export function forbidden(cause?: unknown): Problem {
  return new Problem(
    "source-forbidden",
    "Images are not fetched from this address.",
    { cause },
  );
}
