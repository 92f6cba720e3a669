/** Image files for tests, written byte by byte, so that each can be wrong in its own way. */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

/** A pixel's red, green and blue, 0..255. */
export type Paint = (x: number, y: number) => readonly [number, number, number];

/** An 8-bit RGB PNG. */
export function png(
  width: number,
  height: number,
  paint: Paint,
): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rows.set(paint(x, y), y * (1 + 3 * width) + 1 + 3 * x);
    }
  }
  return bytes(
    [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  );
}

/** The same with grain in its blue, without which it would be a drawing. */
export function grainy(
  width: number,
  height: number,
  paint: Paint,
): Uint8Array<ArrayBuffer> {
  return png(width, height, (x, y) => {
    const [red, green, blue] = paint(x, y);
    return [red, green, (x + y) % 2 === 0 ? blue : blue ^ 8];
  });
}

/** The same file with so many more bytes in a chunk that decoders skip. */
export function padded(
  file: Uint8Array<ArrayBuffer>,
  size: number,
): Uint8Array<ArrayBuffer> {
  const header = 8 + 25;
  return bytes(
    file.subarray(0, header),
    chunk("prVt", Buffer.alloc(size, 1)),
    file.subarray(header),
  );
}

/** A chunk of a PNG, its CRC right. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

/**
 * A baseline JPEG, grey all over: its Huffman codes are one bit long, so that a
 * scan of zeros is two bits a block of 8 x 8 pixels.
 *
 * @param scan Bytes of the scan; default: as many as the size takes.
 */
export function greyJpeg(
  width: number,
  height: number,
  scan = Math.ceil(Math.ceil(width / 8) * Math.ceil(height / 8) / 4),
): Uint8Array<ArrayBuffer> {
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  // One code of one bit, for 0: no difference, and end of block.
  const codes = [1, ...Array<number>(15).fill(0), 0];
  return bytes(
    [0xff, 0xd8],
    segment(0xdb, [0, ...Array<number>(64).fill(1)]),
    segment(0xc0, [8, ...size, 1, 1, 0x11, 0]),
    segment(0xc4, [0x00, ...codes]),
    segment(0xc4, [0x10, ...codes]),
    segment(0xda, [1, 1, 0x00, 0, 63, 0]),
    new Uint8Array(scan),
    [0xff, 0xd9],
  );
}

/** A marker segment of a JPEG. */
function segment(marker: number, data: readonly number[]): number[] {
  const length = data.length + 2;
  return [0xff, marker, length >> 8, length & 255, ...data];
}

/** A GIF whose screen is of the size given, with one frame of one pixel. */
export function gif(width: number, height: number): Uint8Array<ArrayBuffer> {
  const size = [width & 255, width >> 8, height & 255, height >> 8];
  return bytes(
    Buffer.from("GIF89a", "latin1"),
    [...size, 0x80, 0, 0],
    [0, 0, 0, 255, 255, 255],
    [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0],
    [2, 2, 0x44, 0x01, 0, 0x3b],
  );
}

/** The beginning of a TIFF file. */
export function tiff(): Uint8Array<ArrayBuffer> {
  return bytes([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 0, 0], new Uint8Array(64));
}

/** The beginning of an AVIF file. */
export function avif(): Uint8Array<ArrayBuffer> {
  return bytes(
    [0, 0, 0, 24],
    Buffer.from("ftypavif\0\0\0\0mif1avif", "latin1"),
    new Uint8Array(64),
  );
}

/** All parts as one. */
function bytes(
  ...parts: readonly (Uint8Array | readonly number[])[]
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts.map((p) => Uint8Array.from(p))));
}
