/** A store in a bucket of an S3-compatible server. */
import { AWS4FETCH, type Aws4fetch } from "../../deps.ts";
import { LimpidError } from "../errors.ts";
import { type AwsSettings, awsSettings } from "./s3_credentials.ts";
import type { BucketLocation } from "./location.ts";
import type { Ask, RemoteFile, Source } from "./source.ts";

/** Stands for the hash of a request without a body. */
const UNSIGNED = "UNSIGNED-PAYLOAD";

/** A bucket's prefix; unlike a web server it takes uploads and can presign. */
export interface Bucket extends Source {
  file(name: string): RemoteFile;
  /** Makes a URL with which anyone may read a file for some seconds. */
  presign(name: string, seconds: number): Promise<string>;
}

/**
 * Finds a bucket's URL and how to sign requests to it.
 *
 * @param settings Default: {@linkcode awsSettings}. Where address and settings
 * leave something open: AWS, us-east-1, bucket in the host; bucket in the path
 * at other endpoints.
 * @throws {LimpidError} `invalid-option` for an endpoint that is no URL.
 */
export async function openBucket(
  place: BucketLocation,
  settings?: AwsSettings,
): Promise<Bucket> {
  const { credentials, ...aws } = settings ?? await awsSettings();
  const endpoint = readEndpoint(place.endpoint ?? aws.endpoint);
  const region = place.region ?? regionOf(endpoint) ?? aws.region ??
    "us-east-1";
  const base = bucketUrl(place, endpoint, region);
  const key = place.anonymous ? null : credentials;
  const sign = async (
    url: URL,
    { method = "GET", headers = {} }: Omit<Ask, "signal">,
    signQuery = false,
  ): Promise<{ url: URL; headers: Headers }> => {
    const { AwsV4Signer }: Aws4fetch = await import(AWS4FETCH);
    return await new AwsV4Signer({
      ...key!,
      service: "s3",
      region,
      method,
      url: url.href,
      headers,
      signQuery,
    }).sign();
  };

  const urlOf = (name: string): URL => {
    const path = [...place.prefix.split("/"), name].filter(Boolean);
    return new URL(path.map(escape).join("/"), base);
  };
  const location = publicLocation(place, endpoint, region);
  const file = (name: string): RemoteFile => ({
    shown: urlOf(name).href,
    async request(
      { method = "GET", headers = {}, body, signal },
    ): Promise<Response> {
      const url = urlOf(name);
      const sent = new Headers(headers);
      if (key !== null) {
        // Proxies change headers such as Accept-Encoding: sign only these.
        const hash = { "x-amz-content-sha256": await hashOf(body) };
        const signed = await sign(url, { method, headers: hash });
        signed.headers.forEach((value, header) => sent.set(header, value));
      }
      return await fetch(url, {
        method,
        headers: sent,
        signal,
        redirect: "manual",
        ...(body === undefined ? {} : { body }),
      });
    },
    advice: (status) => advice(status, key === null),
  });
  return {
    location,
    manifest: file("manifest.json"),
    file,
    async presign(name, seconds): Promise<string> {
      if (key === null) {
        throw new LimpidError(
          "invalid-option",
          `A presigned URL of ${location} needs credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
        );
      }
      const url = urlOf(name);
      url.searchParams.set("X-Amz-Expires", String(seconds));
      return (await sign(url, {}, true)).url.href;
    },
  };
}

async function hashOf(body?: Uint8Array<ArrayBuffer>): Promise<string> {
  if (body === undefined) return UNSIGNED;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toHex();
}

function readEndpoint(endpoint: string | null): URL | null {
  if (endpoint === null) return null;
  const url = URL.parse(endpoint);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) &&
    url.username + url.password + url.search + url.hash === "";
  if (isPlain) return url;
  throw new LimpidError(
    "invalid-option",
    "The endpoint of the models' bucket must be an https: or http: URL of a host and nothing more.",
  );
}

/** The region that the host names; Cloudflare and Google take `auto`. */
function regionOf(endpoint: URL | null): string | null {
  const host = endpoint?.hostname ?? "";
  const isAuto = host.endsWith(".r2.cloudflarestorage.com") ||
    host === "storage.googleapis.com";
  return isAuto
    ? "auto"
    : /^s3[.-](?:dualstack\.)?([a-z0-9-]+)\.amazonaws\.com$/.exec(host)?.[1] ??
      null;
}

function bucketUrl(
  { bucket, style }: BucketLocation,
  endpoint: URL | null,
  region: string,
): URL {
  const base = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  // A certificate for *.HOST does not cover a bucket with a dot.
  const usual = endpoint === null && !bucket.includes(".") ? "virtual" : "path";
  if ((style ?? usual) === "path") return new URL(`${bucket}/`, base);
  base.host = `${bucket}.${base.host}`;
  return base;
}

/** Escapes as in RFC 3986, as signatures require. */
function escape(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function publicLocation(
  { bucket, prefix, style, anonymous }: BucketLocation,
  endpoint: URL | null,
  region: string,
): string {
  const settings = new URLSearchParams();
  if (endpoint !== null) {
    settings.set("endpoint", endpoint.href.replace(/\/$/, ""));
  }
  settings.set("region", region);
  if (style !== null) settings.set("style", style);
  if (anonymous) settings.set("anonymous", "true");
  const path = prefix.split("/").map(escape).join("/");
  // Readable: ':' and '/' need no escape in a query.
  const query = String(settings).replaceAll("%3A", ":").replaceAll("%2F", "/");
  return `s3://${bucket}/${path}?${query}`;
}

function advice(status: number, anonymous: boolean): string {
  if (status === 401 || status === 403) {
    return anonymous
      ? "the request was anonymous: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and let Deno read them"
      : "check the credentials, the region and the bucket's policy, or add anonymous=true for a public bucket";
  }
  if (status === 400 || (status >= 300 && status < 400)) {
    const place = "check the bucket's region and endpoint";
    return anonymous
      ? `${place}; the request was anonymous, as neither AWS_ACCESS_KEY_ID nor a profile was found`
      : place;
  }
  return "check bucket, prefix and endpoint of the models";
}
