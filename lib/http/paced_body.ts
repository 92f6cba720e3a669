/** Sends an answer in pieces, to a client that takes them. */

/** Bytes of a piece. */
const PIECE = 2 ** 18;

/**
 * A stream of the bytes that gives up when nothing is taken of it for some
 * time, so that a client that does not read cannot hold a picture for ever.
 *
 * @param writeTime Milliseconds.
 */
export function pacedBody(
  bytes: Uint8Array<ArrayBuffer>,
  writeTime: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let rest: Uint8Array<ArrayBuffer> = bytes;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new ReadableStream({
    pull(controller): void {
      clearTimeout(timer);
      controller.enqueue(rest.subarray(0, PIECE));
      rest = rest.subarray(PIECE);
      if (rest.length === 0) controller.close();
      else {
        timer = setTimeout(() => {
          rest = rest.subarray(0, 0);
          controller.error(new Error("The client does not take its answer."));
        }, writeTime);
      }
    },
    cancel(): void {
      clearTimeout(timer);
      rest = rest.subarray(0, 0);
    },
  }, { highWaterMark: 0 });
}
