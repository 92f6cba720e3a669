import { LimpidError } from "../errors.ts";
import {
  formatNames,
  formatOf,
  FORMATS,
  INPUT_FORMATS,
  unreadFormatOf,
} from "../formats.ts";
import type { FileHeader } from "./header.ts";
import { DECODERS } from "./table.ts";

/**
 * Reads an image's format, header and metadata blocks, the latter as in the
 * file. It decodes no pixels and allocates nothing of a size that the header
 * gives.
 *
 * @param bytes A whole file.
 * @throws {LimpidError} `empty-input`, `not-an-image`, `unsupported-format` (a
 * known format that is not read, such as SVG) or `corrupt-image` (truncated,
 * wrong checksum, no pixels, too many scans).
 *
 * @example
 * ```ts
 * import { readHeader } from "./read_header.ts";
 * import { encode } from "./encode.ts";
 * import assert from "node:assert/strict";
 *
 * const white = { width: 2, height: 1, data: new Uint8Array(8).fill(255) };
 * const { info } = readHeader(await encode(white, { format: "png" }));
 * assert.equal(`${info.format} ${info.width}x${info.height}`, "png 2x1");
 * ```
 */
export function readHeader(bytes: Uint8Array): FileHeader {
  if (bytes.length === 0) {
    throw new LimpidError(
      "empty-input",
      "The input is empty: it has no bytes.",
    );
  }
  const format = formatOf(bytes);
  if (!format) throw notRead(bytes);

  const header = DECODERS[format].readHeader(bytes);
  const { width, height } = header.info;
  if (width === 0 || height === 0) {
    throw new LimpidError(
      "corrupt-image",
      `The ${
        FORMATS[format].name
      } is damaged: its header says ${width}x${height} pixels.`,
    );
  }
  return header;
}

function notRead(bytes: Uint8Array): LimpidError {
  const name = unreadFormatOf(bytes);
  return name
    ? new LimpidError(
      "unsupported-format",
      `The input is ${name}, which is not read; save it as ${
        formatNames(INPUT_FORMATS, "or")
      }.`,
    )
    : new LimpidError(
      "not-an-image",
      `The input is not an image that Limpid knows; it reads ${
        formatNames(INPUT_FORMATS, "and")
      }.`,
    );
}
