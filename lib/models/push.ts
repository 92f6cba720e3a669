/** Uploads a store's models to a bucket. */
import { LimpidError } from "../errors.ts";
import { parseLocation } from "./location.ts";
import { RETRY_POLICY, type RetryPolicy, withRetries } from "./retry.ts";
import { sendRequest } from "./http_request.ts";
import { type Bucket, openBucket } from "./s3_source.ts";
import type { RemoteFile } from "./source.ts";
import type { LimpidStore } from "./store.ts";

/** How models are pushed and the upload is followed. */
export interface PushOptions {
  readonly signal?: AbortSignal | null;
  readonly retryPolicy?: Partial<RetryPolicy>;
  /**
   * Writes presigned URLs to the manifest, with which anyone may fetch for this
   * many seconds; at most a week.
   */
  readonly presign?: number;
  /** Called after each model. */
  readonly onPushed?: (id: string, outcome: "uploaded" | "there") => void;
}

/** Result of {@linkcode pushModels}. */
export interface Pushed {
  /** Address of the new store, with its manifest pinned. */
  readonly location: string;
  /** The sha256 of the manifest. */
  readonly sha256: string;
  /** The manifest's presigned URL, if asked for: a secret, it gives access. */
  readonly url: string | null;
}

/**
 * Uploads every model of a store under its sha256, unless it is there already,
 * and then the manifest: readers see the old models or the new ones, never half
 * of them.
 *
 * @param target `s3://BUCKET/PREFIX?...`
 * @throws {LimpidError} `invalid-option`, `model-missing`, `model-corrupt`,
 * `unwritable` where the server refuses, `aborted`
 */
export async function pushModels(
  store: LimpidStore,
  target: string,
  options: PushOptions = {},
): Promise<Pushed> {
  const { signal = null, presign, onPushed } = options;
  const retryPolicy = { ...RETRY_POLICY, ...options.retryPolicy };
  const place = parseLocation(target);
  if (place.kind !== "s3") {
    throw new LimpidError(
      "invalid-option",
      "Models are pushed to a bucket: give s3://BUCKET/PREFIX.",
    );
  }
  const bucket = await openBucket(place);
  const put = (
    file: RemoteFile,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<void> => upload(file, bytes, retryPolicy, signal);

  for (const { id, sha256, bytes: length } of store.models) {
    const file = bucket.file(nameOf(sha256));
    const there = await isThere(file, length, retryPolicy, signal);
    if (!there) await put(file, await store.get(id, { signal }));
    onPushed?.(id, there ? "there" : "uploaded");
  }
  const json = await manifestFor(store, bucket, presign);
  const bytes = new TextEncoder().encode(json);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  const sha256 = new Uint8Array(digest).toHex();
  await put(bucket.manifest, bytes);
  return {
    location: `${bucket.location}#sha256=${sha256}`,
    sha256,
    url: presign === undefined
      ? null
      : `${await bucket.presign("manifest.json", presign)}#sha256=${sha256}`,
  };
}

function nameOf(sha256: string): string {
  return `${sha256}.onnx`;
}

/** The store's manifest with the files' new names; it keeps unknown fields. */
async function manifestFor(
  store: LimpidStore,
  bucket: Bucket,
  presign: number | undefined,
): Promise<string> {
  const manifest = JSON.parse(store.manifest.json);
  const models = [];
  for (const { url: _, ...model } of manifest.models) {
    const file = nameOf(model.sha256);
    const url = presign === undefined
      ? {}
      : { url: await bucket.presign(file, presign) };
    models.push({ ...model, file, ...url });
  }
  return JSON.stringify({ ...manifest, models }, null, 2) + "\n";
}

async function isThere(
  file: RemoteFile,
  length: number,
  retryPolicy: RetryPolicy,
  caller: AbortSignal | null,
): Promise<boolean> {
  return await withRetries(
    retryPolicy,
    caller,
    file.shown,
    async ({ signal }) => {
      const { status, headers } = await sendRequest(
        file,
        { method: "HEAD", signal },
        // Without the right to list, a missing file is answered with 403.
        [200, 403, 404],
        retryPolicy.idleTimeoutMs,
      );
      return status === 200 && headers.get("content-length") === String(length);
    },
  );
}

async function upload(
  file: RemoteFile,
  body: Uint8Array<ArrayBuffer>,
  retryPolicy: RetryPolicy,
  caller: AbortSignal | null,
): Promise<void> {
  // The answer comes after the whole body is sent.
  const idleTimeoutMs = retryPolicy.idleTimeoutMs + body.length / 100;
  try {
    await withRetries(retryPolicy, caller, file.shown, async ({ signal }) => {
      const request = { method: "PUT", body, signal } as const;
      const response = await sendRequest(
        file,
        request,
        [200, 201, 204],
        idleTimeoutMs,
      );
      await response.body?.cancel();
    });
  } catch (error) {
    if (!(error instanceof LimpidError) || error.code !== "model-missing") {
      throw error;
    }
    throw new LimpidError(
      "unwritable",
      error.message.replace("cannot be fetched", "cannot be uploaded"),
      { cause: error },
    );
  }
}
