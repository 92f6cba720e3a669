/** Prepares buckets for the tests. */
import { AWS4FETCH, type Aws4fetch } from "../deps.ts";

/** A key and where it is good. */
export interface S3Key {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Sends signed requests as a test demands them. */
export class S3Client {
  readonly #key: S3Key;

  constructor(key: S3Key) {
    this.#key = key;
  }

  /** Sends one request, which must succeed. */
  async send(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    const { AwsClient }: Aws4fetch = await import(AWS4FETCH);
    const client = new AwsClient({
      ...this.#key,
      service: "s3",
      region: "us-east-1",
      retries: 0,
    });
    const response = await client.fetch(`${this.#key.endpoint}/${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
  }

  /** Lets anyone read what is below a prefix. */
  async publish(bucket: string, prefix: string): Promise<void> {
    const policy = {
      Version: "2012-10-17",
      Statement: [{
        Effect: "Allow",
        Principal: "*",
        Action: ["s3:GetObject"],
        Resource: [`arn:aws:s3:::${bucket}/${prefix}*`],
      }],
    };
    await this.send("PUT", `${bucket}?policy`, JSON.stringify(policy));
  }

  /** The variables that make this key the one that is used. */
  get env(): Record<string, string> {
    return {
      AWS_ACCESS_KEY_ID: this.#key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: this.#key.secretAccessKey,
    };
  }
}

/** Runs with these AWS variables and no others. */
export async function withAws<T>(
  variables: Readonly<Record<string, string>>,
  body: () => Promise<T>,
): Promise<T> {
  const before = Object.entries(Deno.env.toObject())
    .filter(([name]) => name.startsWith("AWS_"));
  for (const [name] of before) Deno.env.delete(name);
  const none = "/nonexistent";
  const all = {
    AWS_SHARED_CREDENTIALS_FILE: none,
    AWS_CONFIG_FILE: none,
    ...variables,
  };
  for (const [name, value] of Object.entries(all)) Deno.env.set(name, value);
  try {
    return await body();
  } finally {
    for (const name of Object.keys(all)) Deno.env.delete(name);
    for (const [name, value] of before) Deno.env.set(name, value);
  }
}
