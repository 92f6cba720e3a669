/** `serve [flags]` */
import { type Command, command } from "../flags/command.ts";
import { LimpidError } from "../errors.ts";
import { serveConfig, SETTINGS } from "./config.ts";

/** Runs the HTTP service. */
export const serveCommand: Command = command({
  name: "serve",
  summary: "Restores photographs over HTTP.",
  usage: "[flags]",
  notes: [
    "The log, one JSON object a line, goes to standard output. SIGTERM or Ctrl-C stops the service\n" +
    "when its requests are finished.",
  ],
  flags: SETTINGS,
  async action({ values, positionals }): Promise<number> {
    if (positionals.length > 0) {
      throw new LimpidError("invalid-option", "serve takes flags only.");
    }
    const config = serveConfig(values);
    const { serve } = await import("./serve.ts");
    return await serve(config);
  },
});
