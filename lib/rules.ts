/**
 * Rules for values from outside, with their description: for options, flags,
 * variables and manifests.
 */

/** A rule for a value. */
export interface Rule {
  /** Description, as in "it must be ...". */
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
}

/** A number from `least` to `most`. */
export function numberFrom(least: number, most: number): Rule {
  return {
    must: `a number from ${least} to ${most}`,
    fits: (value) => isWithin(value, least, most),
  };
}

/** A whole number from `least` to `most`. */
export function wholeNumberFrom(least: number, most: number): Rule {
  return {
    must: `a whole number from ${least} to ${most}`,
    fits: (value) => Number.isInteger(value) && isWithin(value, least, most),
  };
}

/** A multiple of `step` from `least` to `most`. */
export function multipleOf(step: number, least: number, most: number): Rule {
  return {
    must: `a multiple of ${step} from ${least} to ${most}`,
    fits: (value) =>
      isWithin(value, least, most) && (value as number) % step === 0,
  };
}

/** One of a few values. */
export function oneOf(choices: readonly unknown[]): Rule {
  return {
    must: `one of ${choices.join(", ")}`,
    fits: (value) => choices.includes(value),
  };
}

/** The values of another rule, and one more value. */
export function either(other: unknown, rule: Rule): Rule {
  return {
    must: `${rule.must}, or ${other}`,
    fits: (value) => value === other || rule.fits(value),
  };
}

/** NaN fails every comparison. */
function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && value >= least && value <= most;
}
