/** Commands: a table of flags, a help text made from it, and an action. */
import {
  type Flags,
  type Parsed,
  parseFlags,
  variable,
} from "./parse_flags.ts";
import type { Environment } from "../permissions.ts";
import { print } from "./terminal.ts";

/** A command, ready to be run. */
export interface Command {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly help: string;
  /**
   * Runs the command with the arguments after its name.
   *
   * @returns the exit code
   * @throws {LimpidError} where it cannot begin
   */
  run(argv: readonly string[], environment: Environment): Promise<number>;
}

/** Definition of a command. */
export interface Definition<F extends Flags> {
  readonly name: string;
  readonly summary: string;
  /** The arguments in the usage line: `INPUT... -o OUT`. */
  readonly usage: string;
  /** Paragraphs of the help text after its flags. */
  readonly notes?: readonly string[];
  readonly flags: F;
  readonly action: (parsed: Parsed<F>) => Promise<number>;
}

/** Makes a command from its definition. */
export function command<F extends Flags>(definition: Definition<F>): Command {
  const { name, summary, flags, action } = definition;
  const help = helpText(definition);
  return {
    name,
    summary,
    help,
    async run(argv, environment): Promise<number> {
      if (wantsHelp(argv)) {
        print(...help.trimEnd().split("\n"));
        return 0;
      }
      return await action(parseFlags(flags, argv, environment));
    },
  };
}

/** Whether help is asked for, whatever else is wrong with the arguments. */
export function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const flags = end < 0 ? argv : argv.slice(0, end);
  return flags.includes("--help") || flags.includes("-h");
}

function helpText<F extends Flags>(
  { name, summary, usage, notes = [], flags }: Definition<F>,
): string {
  const rows = Object.entries(flags).map(([flag, { value, short, help }]) => ({
    left: `  ${short === undefined ? "" : `-${short}, `}--${flag}${
      value === undefined ? "" : ` ${value}`
    }`,
    right: help,
  }));
  const example = Object.keys(flags).at(-1)!;
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  return [
    `Usage: limpid ${name} ${usage}`,
    "",
    summary,
    "",
    ...rows.map(({ left, right }) => left.padEnd(width) + right),
    "",
    `A flag that is not given takes its value from its environment variable: --${example} from ${
      variable(example)
    }.`,
    ...notes.flatMap((note) => ["", note]),
    "",
  ].join("\n");
}
