import { LIBJPEG_TURBO, LIBJPEG_TURBO_WASM } from "../../deps.ts";
import { type Codec, instantiateEmscripten, withCodec } from "./wasm_codec.ts";

/** How @cornerstonejs/codec-libjpeg-turbo-8bit describes pixels. */
interface Frame {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned: boolean;
}

/** Its decoder; the buffers are views of its memory. */
interface Decoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getFrameInfo(): Frame;
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}

/** Its encoder. */
interface Encoder {
  getDecodedBuffer(frame: Frame): Uint8Array;
  setQuality(quality: number): void;
  setProgressive(progressive: boolean): void;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
}

/** @cornerstonejs/codec-libjpeg-turbo-8bit. */
export interface LibjpegTurbo {
  readonly JPEGDecoder: new () => Decoder;
  readonly JPEGEncoder: new () => Encoder;
}

/** Runs a job on libjpeg-turbo, which decodes and encodes. */
export function withLibjpegTurbo<R>(
  job: (codec: Codec<LibjpegTurbo>) => R,
): Promise<R> {
  return withCodec(
    LIBJPEG_TURBO_WASM,
    (wasm) => instantiateEmscripten<LibjpegTurbo>(LIBJPEG_TURBO, wasm),
    job,
  );
}
