// deno-lint-ignore-file no-import-prefix -- it is to be copied
/** Restoration in a server of one's own: deno run -A examples/hono_handler.ts 8001 */
import { Hono } from "npm:hono@4.13.19";
import { createRestorer, LimpidError } from "../mod.ts";

const restorer = await createRestorer({
  maxPixels: 12_000_000,
  maxBytes: 16 * 2 ** 20,
});
const app = new Hono();
app.post("/photo", async (c) => {
  try {
    const result = await restorer.restore(await c.req.raw.bytes(), {
      // The work ends with the client.
      signal: c.req.raw.signal,
    });
    const body = await result.encode({ format: "webp" });
    return c.body(body, 200, { "content-type": "image/webp" });
  } catch (error) {
    if (!(error instanceof LimpidError)) throw error;
    return c.json({ code: error.code, message: error.message }, 422);
  }
});
Deno.serve({ port: Number(Deno.args[0]), hostname: "127.0.0.1" }, app.fetch);
