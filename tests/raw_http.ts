/** HTTP by hand, for requests that no client would send. */

/** Milliseconds that an answer is waited for after the last piece. */
const PATIENCE = 20_000;

/**
 * Sends pieces, with a pause between them, until all are sent or the server
 * answers, and returns the answer as text; empty where the server only closed.
 *
 * @param pause Milliseconds.
 */
export async function exchangeRaw(
  port: number,
  pieces: readonly string[],
  pause: number,
): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let answered = false;
  const answer = read(connection).finally(() => answered = true);
  const encoder = new TextEncoder();
  try {
    for (const piece of pieces) {
      if (answered) break;
      let bytes = encoder.encode(piece);
      while (bytes.length > 0) {
        bytes = bytes.subarray(await connection.write(bytes));
      }
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  } catch {
    // The server has closed; what it said before is read below.
  }
  return await answer;
}

/** The first answer, as far as its body's declared end. */
async function read(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE);
  });
  try {
    for (;;) {
      const count = await Promise.race([connection.read(buffer), late]);
      if (count === null) return text;
      text += new TextDecoder().decode(buffer.subarray(0, count));
      const end = text.indexOf("\r\n\r\n");
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      if (
        end >= 0 && length !== undefined &&
        text.length >= end + 4 + Number(length)
      ) {
        return text;
      }
    }
  } catch {
    return text;
  } finally {
    clearTimeout(timer);
  }
}
