/**
 * What the caller's thread and the Worker that holds the codecs say to each
 * other: one request at a time, one answer to each; while it works on one, the
 * Worker asks for rows of the image. Buffers are handed over or shared, not
 * copied.
 */
import type { Decoded, DecodeLimits } from "./decode.ts";
import type { EncodeOptions } from "./encode.ts";
import type { ImageInfo } from "./header.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import type { Mask } from "../types.ts";
import type { MaskUse } from "./user_mask.ts";
import type { RowRequest, RowSource } from "./row_transfer.ts";

/** Reads a file's header, and holds it against the limits. */
export interface ProbeRequest {
  readonly kind: "probe";
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly limits: DecodeLimits;
}

/** Decodes a file. */
export interface DecodeRequest {
  readonly kind: "decode";
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly limits: DecodeLimits;
}

/** Decodes a mask of the caller's own. */
export interface DecodeMaskRequest {
  readonly kind: "decode-mask";
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly use: MaskUse;
  readonly limits: DecodeLimits;
}

/** Writes an image. */
export interface EncodeRequest {
  readonly kind: "encode";
  readonly rows: RowSource;
  readonly options: EncodeOptions;
}

/** Writes a mask as a grey PNG, or as a heat map over its image. */
export interface EncodeMaskRequest {
  readonly kind: "encode-mask";
  readonly mask: RowSource;
  readonly beneath: PackedRaster | null;
}

/** The rows that the Worker asked for are in the buffer. */
export interface RowsReady {
  readonly kind: "rows-here";
}

/** Anything that the caller's thread asks. */
export type Request =
  | ProbeRequest
  | DecodeRequest
  | DecodeMaskRequest
  | EncodeRequest
  | EncodeMaskRequest;

/** A file's header, and the file handed back. */
export interface Probed {
  readonly info: ImageInfo;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What each request is answered with. */
export interface Answers {
  readonly "probe": Probed;
  readonly "decode": Decoded;
  readonly "decode-mask": Mask;
  readonly "encode": Uint8Array<ArrayBuffer>;
  readonly "encode-mask": Uint8Array<ArrayBuffer>;
}

/** What the Worker says beside its answers, and with them. */
export type Notice =
  | ({ readonly kind: "rows-wanted" } & RowRequest)
  | {
    readonly kind: "answer" | "error";
    /** Bytes that the Worker has taken and only its end is sure to give back. */
    readonly taken?: number;
  };
