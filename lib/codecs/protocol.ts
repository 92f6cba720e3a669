/**
 * The messages between the caller's thread and the codecs' Worker: one request
 * at a time, and one answer to each. While it works on a request, the Worker
 * asks for rows of the image. Buffers are transferred or shared, not copied.
 */
import type { Decoded, DecodeLimits } from "./decode.ts";
import type { EncodeOptions } from "./encode.ts";
import type { ImageInfo } from "./header.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import type { Depth, Mask } from "../types.ts";
import type { MaskUse } from "./user_mask.ts";
import type { RowRequest, RowSource } from "./row_transfer.ts";

/** Reads a file's header and checks it against the limits. */
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
  readonly depth: Depth;
}

/** Decodes the caller's mask. */
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

/** Any request of the caller's thread. */
export type Request =
  | ProbeRequest
  | DecodeRequest
  | DecodeMaskRequest
  | EncodeRequest
  | EncodeMaskRequest;

/** A file's header, and the file, transferred back. */
export interface Probed {
  readonly info: ImageInfo;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The answer to each kind of request. */
export interface Answers {
  readonly "probe": Probed;
  readonly "decode": Decoded;
  readonly "decode-mask": Mask;
  readonly "encode": Uint8Array<ArrayBuffer>;
  readonly "encode-mask": Uint8Array<ArrayBuffer>;
}

/** Messages and fields that the Worker sends in addition to answers. */
export type Notice =
  | ({ readonly kind: "rows-wanted" } & RowRequest)
  | {
    readonly kind: "answer" | "error";
    /** Bytes that the Worker holds and that only its end is sure to free. */
    readonly taken?: number;
  };
