/** The repository on a web server, as somebody may publish it. */
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** A running server. */
export interface ServedRepository extends AsyncDisposable {
  readonly origin: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
}

/** Serves all files of the repository on a free port of the loopback address. */
export function serveRepository(): ServedRepository {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = new URL(request.url).pathname;
      asked.push(path);
      try {
        const type = path.endsWith(".ts")
          ? "application/typescript"
          : "application/octet-stream";
        return new Response(await Deno.readFile(join(ROOT, normalize(path))), {
          headers: { "content-type": type },
        });
      } catch {
        return new Response(null, { status: 404 });
      }
    },
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
