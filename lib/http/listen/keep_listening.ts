/** Sees to it that a server goes on accepting connections. */
import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";

/** Milliseconds between two looks. */
const INTERVAL = 2000;
/**
 * Milliseconds for a connection of our own to be accepted, and in how many
 * turns: where this thread is busy, they come late, and so do connections.
 */
const PATIENCE = 1000, TURNS = 4;

/**
 * Has a server listen anew when it accepts nothing any more, which is what
 * Deno's (2.9.6) does, without an error, after it once had no file descriptor
 * for a connection. Where nobody has come for a while, a connection of our own
 * shows it; without the permission for that nothing is watched.
 */
export function keepListening(
  server: Server,
  { address, port }: AddressInfo,
): Disposable {
  const host = address.replace(/^0\.0\.0\.0$/, "127.0.0.1")
    .replace(/^::$/, "::1");
  let accepted = true;
  const note = (): void => void (accepted = true);
  server.on("connection", note);
  // One too many: it was accepted all the same.
  server.on("drop", note);
  // A port that cannot be listened on yet is tried again with the next look.
  const later = (): void => {};
  server.on("error", later);

  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    if (!accepted && await knockInVain(host, port, () => accepted)) {
      if (server.listening) server.close();
      if (!disposed) server.listen(port, address);
    }
    accepted = false;
    looking = false;
  };

  let disposed = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  Deno.permissions.query({ name: "net", host: `${host}:${port}` })
    .then(({ state }) => {
      if (state === "granted" && !disposed) timer = setInterval(look, INTERVAL);
    });
  return {
    [Symbol.dispose](): void {
      disposed = true;
      clearInterval(timer);
      server.off("connection", note);
      server.off("drop", note);
    },
  };
}

/** Whether a connection of our own is not accepted; not where it cannot be tried. */
async function knockInVain(
  host: string,
  port: number,
  accepted: () => boolean,
): Promise<boolean> {
  const socket = connect(port, host);
  let failure: string | undefined;
  socket.once("error", ({ code }: { code?: string }) => failure = code ?? "");
  try {
    for (let turn = 0; turn < TURNS && failure === undefined; turn++) {
      await new Promise((done) => setTimeout(done, PATIENCE / TURNS));
    }
    // Other failures come for want of a file descriptor, which tells nothing yet.
    return failure === undefined ? !accepted() : failure === "ECONNREFUSED";
  } finally {
    socket.destroy();
  }
}
