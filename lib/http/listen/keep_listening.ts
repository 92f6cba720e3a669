/** Sees to it that a server goes on accepting connections. */
import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";

/** Milliseconds between two looks. */
const INTERVAL = 2000;
/** Connections elsewhere, one after the other, during which one of ours has to be accepted, and milliseconds between them. */
const OTHERS = 6, PAUSE = 250;

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
  Deno.permissions.query({ name: "net", host })
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

/**
 * Whether a connection of our own is not accepted, though others are meanwhile,
 * on a port that is ours alone: where this thread is busy, both come late,
 * however promptly its timers are served. Not where it cannot be tried.
 */
async function knockInVain(
  host: string,
  port: number,
  accepted: () => boolean,
): Promise<boolean> {
  const socket = connect(port, host);
  let failure: string | undefined;
  socket.once("error", ({ code }: { code?: string }) => failure = code ?? "");
  try {
    using elsewhere = Deno.listen({ hostname: host, port: 0 });
    const { port: own } = elsewhere.addr as Deno.NetAddr;
    for (let i = 0; i < OTHERS && !accepted(); i++) {
      // Other failures come for want of a file descriptor, which tells nothing yet.
      if (failure !== undefined) return failure === "ECONNREFUSED";
      using _to = await Deno.connect({ hostname: host, port: own });
      using _from = await elsewhere.accept();
      await new Promise((done) => setTimeout(done, PAUSE));
    }
    return !accepted();
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
