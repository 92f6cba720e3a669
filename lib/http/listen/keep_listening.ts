/** Ensures that a server goes on accepting connections. */
import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";

/** Milliseconds between two checks. */
const INTERVAL = 2000;
/**
 * Number of connections to another port during which one to ours must be
 * accepted, and milliseconds between them.
 */
const OTHERS = 6, PAUSE = 250;

/**
 * Makes a server listen anew when it has stopped accepting. Deno's servers
 * (2.9.6) do so, without an error, once they had no file descriptor for a
 * connection. Where no client has connected for a while, a connection of our
 * own tests the server; without the net permission nothing is tested.
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
  // A connection above the limit was accepted, too.
  server.on("drop", note);
  // The next check tries again to listen.
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
 * Whether the server does not accept a connection of our own, while connections
 * to another listener in this thread are accepted. Where the thread is only
 * busy, both are late. Returns `false` where this cannot be tested.
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
      // Other failures are due to a lack of file descriptors, which proves
      // nothing.
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
