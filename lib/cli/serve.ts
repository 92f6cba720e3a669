/** `serve`, loaded on demand: other commands do not need its packages. */
import type { Command } from "../flags/command.ts";

/** Runs the HTTP service. */
export const serve: Command = {
  name: "serve",
  summary: "Restores photographs over HTTP.",
  help: "deno task serve --help",
  async run(argv, environment): Promise<number> {
    const { serveCommand } = await import("../http/command.ts");
    return await serveCommand.run(argv, environment);
  },
};
