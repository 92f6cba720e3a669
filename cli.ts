/** Entry point of the command line: `deno run -P=cli cli.ts COMMAND ...`. */
import { main } from "./lib/cli/main.ts";

// `deno task` runs in the repository; paths are meant from where it was called.
const folder = Deno.env.get("LIMPID_CWD");
if (folder) Deno.chdir(folder);

// Without a desktop, libwayland (which graphics drivers ask) prints "error:"
// lines on standard error for want of this folder; one that is not there keeps it quiet.
if (Deno.build.os === "linux" && !Deno.env.get("XDG_RUNTIME_DIR")) {
  Deno.env.set("XDG_RUNTIME_DIR", "/nonexistent");
}

// A Worker that is in the middle of a tile would keep the process alive.
Deno.exit(await main(Deno.args, (name) => Deno.env.get(name)));
