/** Runs the command that the first argument names. */
import { USAGE } from "./run_images.ts";
import { asLimpidError, LimpidError } from "../errors.ts";
import { onOff, variable } from "../flags/parse_flags.ts";
import type { Environment } from "../permissions.ts";
import { batch } from "./batch.ts";
import { type Command, wantsHelp } from "../flags/command.ts";
import { mask } from "./mask.ts";
import { models } from "./models.ts";
import { errorLine, errorObject } from "./report.ts";
import { restore } from "./restore.ts";
import { serve } from "./serve.ts";
import { doctor } from "./doctor.ts";
import { triage } from "./triage.ts";
import { VERSION } from "../version.ts";
import { suggestion } from "../suggest.ts";
import { checkVariables } from "../variables.ts";
import { complain, jsonLine, print } from "../flags/terminal.ts";

/** All commands. */
export const COMMANDS: readonly Command[] = [
  restore,
  mask,
  batch,
  serve,
  models,
  triage,
  doctor,
];

/**
 * Runs one command line.
 *
 * @param argv The command's name, its flags and inputs.
 * @param set The names of all environment variables, as far as known.
 * @returns the exit code: 0 done, 1 some input failed, 2 usage, 128 + signal when interrupted
 */
export async function main(
  argv: readonly string[],
  environment: Environment,
  set: readonly string[],
): Promise<number> {
  try {
    return await run(argv, environment, set);
  } catch (error) {
    return failure(error, wantsJson(argv, environment));
  }
}

/** Whether JSON is asked for, also where the command line makes no sense otherwise. */
function wantsJson(
  argv: readonly string[],
  environment: Environment,
): boolean {
  const last = argv.findLast((arg) => arg === "--json" || arg === "--no-json");
  if (last !== undefined) return last === "--json";
  const set = environment(variable("json"));
  try {
    return !!set && onOff(set, variable("json"));
  } catch {
    return false;
  }
}

/**
 * Reports the error that ends the program.
 *
 * @returns the exit code
 */
export function failure(error: unknown, json: boolean): number {
  // The reader of the output has closed it: nobody would read a message.
  if (error instanceof Deno.errors.BrokenPipe) return 1;
  const known = asLimpidError(
    error,
    "device-failed",
    `An unexpected error occurred: ${error}. Please report it.`,
  );
  tell(known, json);
  return known.code === "invalid-option" ? USAGE : 1;
}

async function run(
  [name, ...rest]: readonly string[],
  environment: Environment,
  set: readonly string[],
): Promise<number> {
  if (name === undefined) {
    complain(overview() + "\n");
    return USAGE;
  }
  if (wantsHelp([name])) {
    print(...overview().split("\n"));
    return 0;
  }
  if (name === "--version" || name === "-V") {
    print(`limpid ${VERSION}`);
    return 0;
  }
  const command = COMMANDS.find((c) => c.name === name);
  if (command === undefined) {
    const names = COMMANDS.map((c) => c.name);
    throw new LimpidError(
      "invalid-option",
      `There is no command ${name}${suggestion(name, names)}; there are ${
        names.join(", ")
      }.`,
    );
  }
  if (!wantsHelp(rest)) checkVariables(set);
  return await command.run(rest, environment);
}

/** Reports an error, to programs on standard output, else on standard error. */
function tell(error: LimpidError, json: boolean): void {
  const line = errorLine(null, error) + "\n";
  if (!json) return complain(line);
  try {
    print(jsonLine(errorObject(null, error)));
  } catch {
    complain(line);
  }
}

function overview(): string {
  return [
    "Limpid restores photographs spoiled by rain, raindrops, haze or motion blur.",
    "",
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(9)} ${summary}`),
    "",
    "For instance: limpid restore photo.jpg, limpid triage photos/, limpid doctor",
    "",
    "limpid COMMAND --help tells more; in a clone, deno task COMMAND is the same. Every flag has an environment variable: --mask-out is LIMPID_MASK_OUT.",
  ].join("\n");
}
