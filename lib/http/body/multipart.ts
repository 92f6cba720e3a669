/** Builds bodies of several parts. */
import { copyBytes } from "../../pixels/copy_bytes.ts";

/** One part. */
export interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly type: string;
  readonly content: string | Uint8Array;
}

/** A body and its Content-Type. */
export interface Multipart {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * A multipart/mixed body. Its parts also have the Content-Disposition of a
 * form, so that form parsers can read it.
 */
export async function multipartMixed(
  parts: readonly Part[],
): Promise<Multipart> {
  const boundary = `limpid-${crypto.randomUUID()}`;
  const encoder = new TextEncoder();
  const chunks: Uint8Array[] = [];
  for (const { name, filename, type, content } of parts) {
    const file = filename === undefined ? "" : `; filename="${filename}"`;
    chunks.push(
      encoder.encode(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n` +
          `Content-Type: ${type}\r\n\r\n`,
      ),
      typeof content === "string" ? encoder.encode(content) : content,
      encoder.encode("\r\n"),
    );
  }
  chunks.push(encoder.encode(`--${boundary}--\r\n`));
  const body = await copyBytes(chunks);
  return { type: `multipart/mixed; boundary=${boundary}`, body };
}
