/** Finds variables that are meant for Limpid and do nothing. */
import { LimpidError } from "../errors.ts";
import { suggestion } from "../flags/suggest.ts";

/** Those that stand for no flag; LIMPID_REQUIRE is for tests. */
const OTHERS = [
  "LIMPID_CWD",
  "LIMPID_CACHE_DIR",
  "LIMPID_CACHE_LIMIT",
  "LIMPID_REQUIRE",
];

/**
 * @param set The names of all variables that are set.
 * @param flags Tells which variables stand for a flag, for one command after the other, the costly last.
 * @throws {LimpidError} `invalid-option` where there is one with Limpid's prefix that is not known.
 */
export async function checkVariables(
  set: readonly string[],
  flags: readonly (() => Promise<readonly string[]>)[],
): Promise<void> {
  // Kubernetes sets these for each service, one named limpid too.
  const end = "_SERVICE_HOST";
  const services = set.filter((name) => name.endsWith(end))
    .flatMap((name) =>
      ["_SERVICE_", "_PORT"].map((part) => name.slice(0, -end.length) + part)
    );
  let unknown = set.filter((name) =>
    name.startsWith("LIMPID_") &&
    !services.some((start) => name.startsWith(start))
  );
  const known = [...OTHERS];
  const leaveOut = (): void => {
    unknown = unknown.filter((name) => !known.includes(name));
  };
  leaveOut();
  for (const namesOf of flags) {
    if (unknown.length === 0) return;
    known.push(...await namesOf());
    leaveOut();
  }
  const [first] = unknown;
  if (first === undefined) return;
  throw new LimpidError(
    "invalid-option",
    `There is no variable ${first}${
      suggestion(first, known)
    }; unset it, or see --help for the flags, whose variables they are.`,
  );
}
