/** Entry point of the benchmark: `deno run -P=bench bench/main.ts`. */
import { asLimpidError } from "../lib/errors.ts";
import { errorLine } from "../lib/cli/report.ts";
import { writeText } from "../lib/flags/terminal.ts";
import { bench } from "./command.ts";

// `deno task` runs in the repository; paths are relative to the caller's
// folder.
const folder = Deno.env.get("LIMPID_CWD");
if (folder) Deno.chdir(folder);

try {
  Deno.exitCode = await bench.run(Deno.args, (name) => Deno.env.get(name));
} catch (error) {
  const known = asLimpidError(
    error,
    "device-failed",
    `The benchmark itself failed: ${error}.`,
  );
  writeText(Deno.stderr, errorLine(null, known) + "\n");
  Deno.exitCode = known.code === "invalid-option" ? 2 : 1;
}
