/** What a body holds: an image as it is, or a form with an image and perhaps a mask. */
import { Buffer } from "node:buffer";
import { Problem } from "./problem.ts";

/** The files of a request. */
export interface Upload {
  readonly image: Uint8Array<ArrayBuffer>;
  /** An image file; grey is how much of the restoration is wanted where. */
  readonly mask: Uint8Array<ArrayBuffer> | null;
}

/** Names of the fields of a form. */
const FIELDS = ["image", "mask"];
/** A form with more parts than this is refused unread: parsing takes time by the part. */
const MOST_PARTS = 4;

/**
 * Tells an image from a form by the Content-Type.
 *
 * @throws {Problem} `invalid-request` for a form that cannot be read, or has
 * other fields than the two.
 */
export async function parseBody(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string | null,
): Promise<Upload> {
  const type = contentType?.trim() ?? "";
  if (!/^multipart\//i.test(type)) return { image: bytes, mask: null };
  const form = await parseForm(bytes, type);
  for (const name of new Set(form.keys())) {
    if (!FIELDS.includes(name) || form.getAll(name).length > 1) {
      throw invalid("The form may have one field image and one field mask.");
    }
  }
  const [image, mask] = await Promise.all(
    FIELDS.map(async (name) => {
      const value = form.get(name);
      if (value === null) return null;
      if (typeof value === "string") {
        throw invalid(`The field ${name} must be a file, with a file name.`);
      }
      return new Uint8Array(await value.arrayBuffer());
    }),
  );
  if (image == null) throw invalid("The form has no field image.");
  return { image, mask: mask ?? null };
}

async function parseForm(
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
): Promise<FormData> {
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
    type,
  );
  if (!/^multipart\/form-data\s*;/i.test(type) || boundary === null) {
    throw invalid(
      "A multipart body must be multipart/form-data, with a boundary.",
    );
  }
  checkParts(bytes, `--${boundary[1] ?? boundary[2]}`);
  try {
    return await new Response(bytes, { headers: { "content-type": type } })
      .formData();
  } catch (error) {
    throw invalid("The form cannot be read.", error);
  }
}

function checkParts(bytes: Uint8Array<ArrayBuffer>, delimiter: string): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let parts = 0;
  for (let at = 0; (at = buffer.indexOf(delimiter, at, "latin1")) >= 0;) {
    // The last delimiter ends the form.
    if (++parts > MOST_PARTS + 1) {
      throw invalid("The form may have one field image and one field mask.");
    }
    at += delimiter.length;
  }
}

function invalid(detail: string, cause?: unknown): Problem {
  return new Problem("invalid-request", detail, { cause });
}
