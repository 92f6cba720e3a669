/** Parses and checks the addresses of model stores. */
import { pathToFileURL } from "node:url";
import { LimpidError } from "../errors.ts";
import { publicUrl } from "../public_url.ts";

/** The models that come with the library, beside `mod.ts`, wherever that was imported from. */
export const BUILT_IN: URL = new URL("../../models/", import.meta.url);

/** A manifest in a folder or on a web server; its files lie beside it. */
export interface ModelLocation {
  readonly kind: "file" | "http";
  /** URL of the manifest. */
  readonly manifest: URL;
  /** The sha256 that the manifest must have; `null` for any. */
  readonly pin: string | null;
}

const STYLES = ["path", "virtual"] as const;

/** A prefix in a bucket; fields that the address does not set are `null`. */
export interface BucketLocation {
  readonly kind: "s3";
  readonly bucket: string;
  /** Without slashes around it; empty for the whole bucket. */
  readonly prefix: string;
  readonly endpoint: string | null;
  readonly region: string | null;
  /** Whether the bucket is named in the path or in the host. */
  readonly style: "path" | "virtual" | null;
  readonly anonymous: boolean;
  readonly pin: string | null;
}

/** Parameters of an s3: address. */
const S3_SETTINGS = ["endpoint", "region", "style", "anonymous"];

/**
 * Parses the address of a store: `embedded:`, a folder's path, a `file:`,
 * `https:` or `http:` URL of a folder or of a manifest (a path that ends in
 * `.json`; may be presigned), or `s3://BUCKET/PREFIX?endpoint=...&region=...`.
 * `#sha256=...` after any of them pins the manifest.
 *
 * @throws {LimpidError} `invalid-option`, saying what is wrong.
 */
export function parseLocation(
  location: string | URL,
): ModelLocation | BucketLocation {
  const text = String(location);
  const [, address = text, fragment = ""] = /^([^#]*)#(sha256=.*)$/s
    .exec(text) ?? [];
  const pin = readPin(fragment);
  if (address === "embedded:") return folder(BUILT_IN, pin);
  // A scheme has at least two letters here: `C:\models` is a path.
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(address);
  const url = isUrl ? URL.parse(address) : pathToFileURL(address);
  switch (url?.protocol) {
    case "file:":
    case "http:":
    case "https:":
      url.hash = "";
      return folder(url, pin);
    case "s3:":
      return bucket(url, pin);
  }
  const shown = url === null ? "an address that is not valid" : publicUrl(url);
  throw new LimpidError(
    "invalid-option",
    `Models cannot come from ${shown}; give a folder, or a file:, https:, s3: or embedded: address.`,
  );
}

function folder(url: URL, pin: string | null): ModelLocation {
  const manifest = new URL(url);
  if (!manifest.pathname.endsWith(".json")) {
    manifest.pathname += manifest.pathname.endsWith("/")
      ? "manifest.json"
      : "/manifest.json";
  }
  return { kind: url.protocol === "file:" ? "file" : "http", manifest, pin };
}

function bucket(url: URL, pin: string | null): BucketLocation {
  const shown = publicUrl(url);
  if (url.username !== "" || url.password !== "") {
    throw invalid(
      shown,
      "has a key before its bucket; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead",
    );
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(url.host)) {
    throw invalid(
      shown,
      "names no bucket; write s3://BUCKET/PREFIX, where BUCKET has 2 to 255 letters, digits, dots, _ and -",
    );
  }
  for (const name of url.searchParams.keys()) {
    if (!S3_SETTINGS.includes(name)) {
      throw invalid(
        shown,
        `has the setting "${name}"; there are ${S3_SETTINGS.join(", ")}`,
      );
    }
  }
  const asked = url.searchParams.get("style");
  const style = STYLES.find((known) => known === asked) ?? null;
  if (asked !== style) {
    throw invalid(shown, `has the style "${asked}"; it is path or virtual`);
  }
  const region = url.searchParams.get("region");
  if (region !== null && !/^[A-Za-z0-9-]{1,64}$/.test(region)) {
    throw invalid(
      shown,
      "has an invalid region; it may have letters, digits and hyphens",
    );
  }
  const anonymous = url.searchParams.get("anonymous");
  if (!["true", "false", "", "1", "0", null].includes(anonymous)) {
    throw invalid(
      shown,
      "has an invalid value for anonymous; it must be true or false",
    );
  }
  return {
    kind: "s3",
    bucket: url.host,
    prefix: decode(url.pathname, shown).replace(/^\/+|\/+$/g, ""),
    endpoint: url.searchParams.get("endpoint"),
    region,
    style,
    anonymous: anonymous !== null && !["false", "0"].includes(anonymous),
    pin,
  };
}

function decode(path: string, shown: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalid(
      shown,
      "has an invalid percent-encoding; write % itself as %25",
    );
  }
}

function readPin(fragment: string): string | null {
  if (fragment === "") return null;
  const pin = fragment.slice("sha256=".length).toLowerCase();
  if (/^[0-9a-f]{64}$/.test(pin)) return pin;
  throw new LimpidError(
    "invalid-option",
    "What follows #sha256= in the models' address must be 64 hexadecimal digits.",
  );
}

function invalid(shown: string, what: string): LimpidError {
  return new LimpidError(
    "invalid-option",
    `The models' address ${shown} ${what}.`,
  );
}
