/** Parses a command line and the environment by a table of flags. */
import { parseArgs } from "node:util";
import { LimpidError } from "../errors.ts";
import type { Environment } from "../permissions.ts";
import type { Rule } from "../rules.ts";
import { suggestion } from "../suggest.ts";

/** One flag: `--NAME VALUE`, or a switch where it has no `value`. */
export interface Flag<T> {
  /** One sentence for the help text. */
  readonly help: string;
  /** Placeholder of the value in the help text (`N`); absent for a switch. */
  readonly value?: string;
  /** Letter of the short form, as in `-o`. */
  readonly short?: string;
  /**
   * Whether an empty variable is a fault: a secret that was not filled in must
   * not be taken for none.
   */
  readonly secret?: true;
  /**
   * Parses the value; a switch gets `"true"` or `"false"`.
   *
   * @param label The flag or variable, for messages.
   * @throws {LimpidError} `invalid-option`
   */
  readonly parse: (text: string, label: string) => T;
}

/** Flags by long name. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** Values set on the command line or in the environment. */
export type Values<F extends Flags> = {
  readonly [K in keyof F]?: F[K] extends Flag<infer T> ? T : never;
};

/** Options without those that are not given: they must be absent, not `undefined`. */
export function given<T extends object>(
  options: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as ReturnType<typeof given<T>>;
}

/** A parsed command line. */
export interface Parsed<F extends Flags> {
  readonly values: Values<F>;
  readonly positionals: readonly string[];
}

/** The environment variable of a flag: `LIMPID_MASK_OUT` for `mask-out`. */
export function variable(flag: string): string {
  return `LIMPID_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/** Parses any text but an empty one. */
export function text(value: string, label: string): string {
  if (value !== "") return value;
  throw new LimpidError("invalid-option", `${label} needs a value.`);
}

/** Parses a finite number; whoever takes it checks its range. */
export function number(value: string, label: string): number {
  const parsed = value.trim() === "" ? NaN : Number(value);
  if (Number.isFinite(parsed)) return parsed;
  throw new LimpidError(
    "invalid-option",
    `${label} must be a number, not "${value}".`,
  );
}

/** Parses a number that satisfies a rule. */
export function numberBy(rule: Rule): Flag<number>["parse"] {
  return (value, label) => {
    const parsed = number(value, label);
    if (rule.fits(parsed)) return parsed;
    throw new LimpidError(
      "invalid-option",
      `${label} must be ${rule.must}, not ${value}.`,
    );
  };
}

/** Parses a number, or one word in place of a number, as a rule has them. */
export function numberOr<T extends string>(
  word: T,
  rule: Rule,
): Flag<number | T>["parse"] {
  return (value, label) => {
    const number = value.trim() === "" ? NaN : Number(value);
    const parsed = value === word ? word : number;
    if (rule.fits(parsed)) return parsed;
    throw new LimpidError(
      "invalid-option",
      `${label} must be ${rule.must}, not "${value}".`,
    );
  };
}

/** Parses one of a few words. */
export function choice<T extends string>(
  words: readonly T[],
): Flag<T>["parse"] {
  return (value, label) => {
    const word = words.find((w) => w === value);
    if (word !== undefined) return word;
    throw new LimpidError(
      "invalid-option",
      `${label} must be one of ${words.join(", ")}, not "${value}"${
        suggestion(value, words)
      }.`,
    );
  };
}

/** Parses yes or no, in the words that are common in environment variables. */
export function onOff(value: string, label: string): boolean {
  const word = value.toLowerCase();
  if (["1", "true", "yes", "on"].includes(word)) return true;
  if (["0", "false", "no", "off"].includes(word)) return false;
  throw new LimpidError(
    "invalid-option",
    `${label} must be true or false, not "${value}".`,
  );
}

/**
 * Parses `argv`. Flags that it lacks are taken from the environment, where an
 * empty variable counts as not set, unless it is a secret. `--no-NAME` turns a
 * switch off.
 *
 * @throws {LimpidError} `invalid-option` for an unknown flag, and for a value
 * that is missing, superfluous, invalid or given twice.
 */
export function parseFlags<F extends Flags>(
  flags: F,
  argv: readonly string[],
  environment: Environment,
): Parsed<F> {
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { value, short }]) => [name, {
        type: value === undefined ? "boolean" : "string",
        ...(short === undefined ? {} : { short }),
      }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });

  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const set = environment(variable(name));
    if (set || (set === "" && flag.secret)) {
      values[name] = flag.parse(set, variable(name));
    }
  }
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { rawName, value, inlineValue } = token;
    const off = rawName.startsWith("--no-") && !(token.name in flags);
    const name = off ? token.name.slice("no-".length) : token.name;
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined || (off && flag.value !== undefined)) {
      throw unknownFlag(rawName, flags);
    }
    if (flag.value === undefined) {
      if (inlineValue) {
        throw new LimpidError("invalid-option", `${rawName} takes no value.`);
      }
      values[name] = flag.parse(String(!off), rawName);
    } else {
      // "-o --json" is a forgotten value, "--strength -1" a bad one.
      const forgotten = value === undefined ||
        (!inlineValue && /^-[^\d.]/.test(value));
      values[name] = flag.parse(forgotten ? "" : value, rawName);
      // A second value would replace the first without a word.
      if (seen.has(name)) {
        throw new LimpidError(
          "invalid-option",
          `--${name} is given twice; give it once.`,
        );
      }
      seen.add(name);
    }
  }
  return { values: values as Values<F>, positionals };
}

function unknownFlag(rawName: string, flags: Flags): LimpidError {
  const known = Object.keys(flags).map((name) => `--${name}`);
  return new LimpidError(
    "invalid-option",
    `There is no flag ${rawName}${
      suggestion(rawName, known)
    }; --help lists them.`,
  );
}
