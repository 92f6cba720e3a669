/** Builds bodies of several parts. */

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
export function multipartMixed(parts: readonly Part[]): Multipart {
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
  const body = new Uint8Array(chunks.reduce((sum, c) => sum + c.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return { type: `multipart/mixed; boundary=${boundary}`, body };
}
