/** Reads whole files from the disk, up to an expected length. */
import { LimpidError } from "../errors.ts";

/**
 * Reads the file at a `file:` URL.
 *
 * @param most Expected length. Of a longer file, `most + 1` bytes are read.
 * @throws {LimpidError} `model-missing`, naming the URL and what to do.
 */
export async function readLocal(
  url: URL,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { isFile, size } = await Deno.stat(url);
    // Opening a pipe would wait forever.
    if (!isFile) throw new TypeError("it is not a file");
    using file = await Deno.open(url);
    const bytes = new Uint8Array(Math.min(size, most) + 1);
    let length = 0;
    while (length < bytes.length) {
      const read = await file.read(bytes.subarray(length));
      if (read === null) break;
      length += read;
    }
    return bytes.subarray(0, length);
  } catch (error) {
    throw new LimpidError(
      "model-missing",
      `${url.href} cannot be read: ${explain(error)}.`,
      { cause: error },
    );
  }
}

/** Returns a clause that says what went wrong and what to do. */
function explain(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return "it is not allowed; run Deno with --allow-read";
  }
  if (error instanceof Deno.errors.NotFound) {
    return "there is no such file; check the location of the models";
  }
  const message = error instanceof Error ? error.message : String(error);
  return `${message}; check the file`;
}
