/** Passes an image's rows to the Worker, a few at a time, in shared memory. */
import { bandHeight, rowBytes, type Rows } from "./rows.ts";

/** Describes an image to the Worker, which then asks for its rows. */
export interface RowSource extends Omit<Rows, "read"> {
  /** Buffer for the rows; the Worker may read it until it asks for the next. */
  readonly band: SharedArrayBuffer;
}

/**
 * Asks for the rows from `from` up to, but not including, `to`; they fit into
 * the buffer.
 */
export interface RowRequest {
  readonly from: number;
  readonly to: number;
}

/**
 * On the caller's thread: returns the description to send, and a function that
 * writes rows to the buffer.
 */
export function offerRows(
  { width, height, channels, depth, read }: Rows,
): { offer: RowSource; put: (wanted: RowRequest) => Promise<void> } {
  const rows = Math.min(height, bandHeight(width));
  const band = new SharedArrayBuffer(
    rowBytes({ width, channels, depth }) * rows,
  );
  const bytes = new Uint8Array(band);
  return {
    offer: { width, height, channels, depth, band },
    put: async ({ from, to }) => bytes.set(await read(from, to)),
  };
}

/** In the Worker: an image whose rows are asked for when they are read. */
export function askedRows(
  { width, height, channels, depth, band }: RowSource,
  ask: (wanted: RowRequest) => Promise<void>,
): Rows {
  const bytes = rowBytes({ width, channels, depth });
  const most = band.byteLength / bytes;
  const take = async (from: number, to: number): Promise<Uint8Array> => {
    await ask({ from, to });
    return new Uint8Array(band, 0, (to - from) * bytes);
  };
  return {
    width,
    height,
    channels,
    depth,
    async read(from, to): Promise<Uint8Array> {
      if (to - from <= most) return await take(from, to);
      const all = new Uint8Array((to - from) * bytes);
      for (let at = from; at < to; at += most) {
        const some = await take(at, Math.min(to, at + most));
        all.set(some, (at - from) * bytes);
      }
      return all;
    },
  };
}
