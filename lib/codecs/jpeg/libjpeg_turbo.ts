import { LIBJPEG_TURBO, LIBJPEG_TURBO_WASM } from "../../../deps.ts";
import {
  type Codec,
  instantiateEmscripten,
  withCodec,
} from "../wasm_module.ts";

/** How @cornerstonejs/codec-libjpeg-turbo-8bit describes pixels. */
interface Frame {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned: boolean;
}

/** The package's decoder; the buffers are views of its memory. */
interface Decoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getFrameInfo(): Frame;
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}

/** The package's encoder. */
interface Encoder {
  getDecodedBuffer(frame: Frame): Uint8Array;
  setQuality(quality: number): void;
  setProgressive(progressive: boolean): void;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
}

/** @cornerstonejs/codec-libjpeg-turbo-8bit. */
interface LibjpegTurbo {
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

/**
 * Encodes RGB pixels as a JPEG with full colour resolution (4:4:4).
 *
 * @param fill Writes the RGB samples, `3 * width * height`, row by row.
 */
export function encodeRgb(
  width: number,
  height: number,
  quality: number,
  progressive: boolean,
  fill: (samples: Uint8Array) => void,
): Promise<Uint8Array> {
  return withLibjpegTurbo(({ api }) => {
    const encoder = new api.JPEGEncoder();
    fill(encoder.getDecodedBuffer(roomyFrame(width, height)));
    encoder.setQuality(quality);
    encoder.setProgressive(progressive);
    encoder.encode();
    const file = new Uint8Array(encoder.getEncodedBuffer());
    encoder.delete();
    return file;
  });
}

/**
 * A frame whose pixel buffer is as large as their JPEG can become. The wrapper
 * allocates as many bytes for the file as for the pixels and does not check
 * bounds: a small or noisy image at a high quality would write beyond its
 * memory. The wrapper only uses the frame's size (any component count but 1
 * means RGB), so a larger count of bytes for each pixel makes it allocate more.
 *
 * The worst case is tjBufSize() of turbojpeg.h for 4:4:4.
 */
function roomyFrame(width: number, height: number): Frame {
  const worst = 6 * Math.ceil(width / 8) * Math.ceil(height / 8) * 64 + 2048;
  const bytesPerPixel = Math.ceil(worst / (width * height));
  // Components and bits must each fit into a byte.
  const bytesPerSample = Math.ceil(bytesPerPixel / 255);
  return {
    width,
    height,
    bitsPerSample: 8 * bytesPerSample,
    componentCount: Math.ceil(bytesPerPixel / bytesPerSample),
    isSigned: false,
  };
}
