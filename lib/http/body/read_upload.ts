/** Reads a request's body: an image, or a form with an image and a mask. */
import { FormParser } from "./form_parser.ts";
import { Problem } from "../problem.ts";
import {
  type BodyLimits,
  expectedBytes,
  readBody,
  readPieces,
} from "./read_body.ts";

/** The files of a request. */
export interface Upload {
  readonly image: Uint8Array<ArrayBuffer>;
  /** An image file; its brightness is the weight of the restoration. */
  readonly mask: Uint8Array<ArrayBuffer> | null;
}

/**
 * Reads a body. The Content-Type tells an image from a form; a form is parsed
 * while it arrives.
 *
 * @throws {Problem} as `readPieces()`; `invalid-request` for a compressed body,
 * and for a form that cannot be read or has other fields.
 */
export async function readUpload(
  { headers, body }: Pick<Request, "headers" | "body">,
  limits: BodyLimits,
  signal: AbortSignal,
): Promise<Upload> {
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new Problem(
      "invalid-request",
      "The body is compressed; send it without Content-Encoding.",
    );
  }
  const declared = headers.get("content-length");
  const type = headers.get("content-type")?.trim() ?? "";
  if (!/^multipart\//i.test(type)) {
    return {
      image: await readBody(body, declared, limits, signal),
      mask: null,
    };
  }
  const form = new FormParser(type, expectedBytes(declared, limits));
  await readPieces(body, declared, limits, signal, (piece) => form.add(piece));
  const { image, mask } = await form.end();
  if (image === null) {
    throw new Problem("invalid-request", "The form has no field image.");
  }
  return { image, mask };
}
