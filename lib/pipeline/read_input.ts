/** Reads a caller's input: the bytes of a file, or pixels. */
import { pathToFileURL } from "node:url";
import { copyBytes } from "../pixels/copy_bytes.ts";
import { LimpidError } from "../errors.ts";
import { RAISE_LIMIT } from "../raise_limit.ts";
import { publicUrl } from "../public_url.ts";
import type { DecodeLimits } from "../codecs/decode.ts";
import type { Input, Raster } from "../types.ts";
import {
  checkAborted,
  type JobControl,
  unlessAborted,
} from "../job_control.ts";

/**
 * Reads an input to its end; stops at the limits.
 *
 * @throws {LimpidError} `too-many-bytes`, `too-many-pixels`, `not-found`,
 * `unreadable`, `aborted`; `invalid-option` for what is no input at all.
 */
export async function readInput(
  input: Input,
  limits: DecodeLimits,
  { signal }: Pick<JobControl, "signal">,
): Promise<Uint8Array | Raster> {
  checkAborted({ signal });
  const { maxBytes } = limits;
  if (typeof input === "string") input = urlOf(input);
  if (input instanceof ArrayBuffer || input instanceof Uint8Array) {
    checkAttached(input instanceof Uint8Array ? input.buffer : input);
    checkLength(input.byteLength, maxBytes);
    // Copied at once: the caller may use its buffer again, and the file may be
    // the result. The slice of a Buffer of Node would be a view.
    return new Uint8Array(
      input instanceof Uint8Array ? input : input.slice(0),
    );
  }
  if (input instanceof Blob) {
    checkLength(input.size, maxBytes);
    return await readStream(input.stream(), maxBytes, signal);
  }
  if (input instanceof ReadableStream) {
    return await readStream(input, maxBytes, signal);
  }
  if (input instanceof Response) {
    return await readStream(bodyOf(input), maxBytes, signal);
  }
  if (input instanceof URL) {
    return await readStream(await open(input, signal), maxBytes, signal);
  }
  return checkRaster(input, limits);
}

/** What an address may begin with; `data:` and `blob:` are read as Deno reads them. */
const SCHEMES = ["https:", "http:", "file:", "data:", "blob:"];

/** Parses an address, or converts a file's path to one; a letter and a colon begin a path of Windows. */
function urlOf(text: string): URL {
  const url = /^[a-z][a-z0-9+.-]+:/i.test(text) ? URL.parse(text) : null;
  if (url !== null && SCHEMES.includes(url.protocol)) return url;
  if (url !== null && text.includes("://")) {
    throw new LimpidError(
      "invalid-option",
      `The input is an address that begins with ${url.protocol}, which is not read; fetch it, and pass its bytes.`,
    );
  }
  if (text !== "") return pathToFileURL(text);
  throw new LimpidError(
    "invalid-option",
    "The input is an empty text; it must be a file's path or an address.",
  );
}

/** Opens a file. A named pipe opens only once something writes to it. */
async function openFile(
  url: URL,
  signal: AbortSignal | null,
): Promise<Deno.FsFile> {
  const opening = Deno.open(url);
  try {
    return await unlessAborted(opening, signal);
  } catch (error) {
    opening.then((file) => file.close(), () => {});
    throw error;
  }
}

/** Opens a file, or fetches an address. */
async function open(
  url: URL,
  signal: AbortSignal | null,
): Promise<ReadableStream<Uint8Array>> {
  try {
    if (url.protocol !== "file:") return bodyOf(await fetch(url, { signal }));
    const file = await openFile(url, signal);
    if (!(await file.stat()).isDirectory) return file.readable;
    file.close();
    throw new LimpidError(
      "unreadable",
      `The input ${publicUrl(url)} is a folder; name a file in it.`,
    );
  } catch (error) {
    checkAborted({ signal });
    if (error instanceof LimpidError) throw error;
    const [code, why] = error instanceof Deno.errors.NotFound
      ? ["not-found", "there is no such file"] as const
      : error instanceof Deno.errors.NotCapable
      ? ["unreadable", "Deno was not given the permission"] as const
      : [
        "unreadable",
        "check the address, the network and permissions",
      ] as const;
    throw new LimpidError(
      code,
      `The input ${publicUrl(url)} cannot be read; ${why}.`,
      { cause: error },
    );
  }
}

function checkAttached(buffer: ArrayBufferLike): void {
  if (!(buffer instanceof ArrayBuffer) || !buffer.detached) return;
  throw new LimpidError(
    "invalid-option",
    "The buffer of the input was transferred away; pass one that still has its bytes.",
  );
}

function bodyOf({ ok, status, url, body, bodyUsed }: Response): ReadableStream<
  Uint8Array<ArrayBuffer>
> {
  const name = url === "" ? "" : ` ${publicUrl(new URL(url))}`;
  if (!ok) {
    throw new LimpidError(
      status === 404 || status === 410 ? "not-found" : "unreadable",
      `The input${name} cannot be read: the server answered ${status}.`,
    );
  }
  if (bodyUsed) {
    throw new LimpidError(
      "unreadable",
      `The input${name} was read before; pass a response whose body is not used.`,
    );
  }
  return body ?? new Blob().stream();
}

/**
 * Reads all bytes of a stream; counts them as they arrive.
 *
 * @throws {LimpidError} `too-many-bytes`, `unreadable`, `aborted`
 */
export async function readStream(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal | null,
): Promise<Uint8Array> {
  if (stream.locked) {
    throw new LimpidError(
      "unreadable",
      "The input is a stream that something else reads; pass one that is not locked.",
    );
  }
  const reader = stream.getReader();
  // This ends a pending read at once, with `done`.
  const stop = (): void => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", stop);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      checkAborted({ signal });
      if (done) break;
      if (!(value instanceof Uint8Array)) {
        throw new LimpidError(
          "unreadable",
          "The input is a stream whose chunks are not bytes; they must be Uint8Arrays.",
        );
      }
      length += value.length;
      checkLength(length, maxBytes);
      chunks.push(value);
    }
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    checkAborted({ signal });
    if (error instanceof LimpidError) throw error;
    throw new LimpidError(
      "unreadable",
      "The input ended with an error before all of it was read; try again.",
      { cause: error },
    );
  } finally {
    signal?.removeEventListener("abort", stop);
  }
  return await copyBytes(chunks);
}

function checkLength(length: number, maxBytes: number): void {
  if (length > maxBytes) {
    throw new LimpidError(
      "too-many-bytes",
      `The input is longer than ${maxBytes} bytes; use a smaller file${RAISE_LIMIT.maxBytes}.`,
    );
  }
}

/** Checks that raw pixels have as many bytes as their size says. */
function checkRaster(input: Raster, { maxPixels }: DecodeLimits): Raster {
  const { width, height, data } = input ?? {};
  const isBytes = data instanceof Uint8Array ||
    data instanceof Uint8ClampedArray;
  if (
    !isBytes || !Number.isInteger(width) || !Number.isInteger(height) ||
    width < 1 || height < 1 || data.length !== 4 * width * height
  ) {
    throw new LimpidError(
      "invalid-option",
      "The input is neither a path, bytes, Blob, ReadableStream, Response nor URL, nor { width, height, data } with 4 * width * height bytes of RGBA.",
    );
  }
  if (width * height > maxPixels) {
    throw new LimpidError(
      "too-many-pixels",
      `The input has ${width}x${height} pixels, the limit is ${maxPixels}; use a smaller image${RAISE_LIMIT.maxPixels}.`,
    );
  }
  return { width, height, data };
}
