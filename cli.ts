/** Entry point of the command line: `deno run -P=cli cli.ts COMMAND ...`. */
import { main } from "./lib/cli/main.ts";
import { grantedEnvironment, namesIfGranted } from "./lib/permissions.ts";

// `deno task` runs in the repository; paths are relative to the caller's
// folder.
const folder = grantedEnvironment("LIMPID_CWD");
if (folder) Deno.chdir(folder);

// A Worker that is processing a tile would keep the process alive.
Deno.exit(await main(Deno.args, grantedEnvironment, namesIfGranted()));
