import assert from "node:assert/strict";
import { Http2Tunnel } from "./http2_tunnel.ts";

Deno.test("Http2Tunnel: its server is opened again, though that fails at first", async () => {
  const { serve } = Deno;
  const reopened = Promise.withResolvers<void>();
  const server = {
    addr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    finished: reopened.promise,
    shutdown: () => Promise.resolve(),
  };
  const full = new Error("Too many open files (os error 24)");
  const calls = [
    () => ({ ...server, finished: Promise.reject(full) }),
    () => {
      throw full;
    },
    () => {
      reopened.resolve();
      return server;
    },
  ];
  Object.assign(Deno, { serve: () => calls.shift()!() });
  try {
    const tunnel = new Http2Tunnel(() => Promise.reject(new Error("unused")));
    await reopened.promise;
    assert.equal(calls.length, 0);
    await tunnel.shutdown();
  } finally {
    Object.assign(Deno, { serve });
  }
});
