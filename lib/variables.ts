/**
 * The environment variables with Limpid's prefix. Unknown ones would do
 * nothing, so they are errors.
 */
import { LimpidError } from "./errors.ts";
import { OPTION_NAMES } from "./options.ts";
import { suggestion } from "./suggest.ts";

/** Options that no flag stands for. */
const WITHOUT_FLAG = ["preload", "signal", "onProgress"];

/**
 * Variables of the commands' flags, listed here because the library must not
 * import the commands.
 */
export const FLAG_VARIABLES: readonly string[] = [
  ...OPTION_NAMES.filter((name) => !WITHOUT_FLAG.includes(name)).map((name) =>
    `LIMPID_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
  ),
  "LIMPID_ANSWER_BYTES",
  "LIMPID_CACHE_LIMIT",
  "LIMPID_CONNECTIONS",
  "LIMPID_CORS",
  "LIMPID_CSV",
  "LIMPID_DECODE_TIME",
  "LIMPID_DRAIN_TIME",
  "LIMPID_ENCODE_TIME",
  "LIMPID_HOST",
  "LIMPID_IDLE_TIME",
  "LIMPID_JOBS",
  "LIMPID_JSON",
  "LIMPID_LINGER_TIME",
  "LIMPID_MASK_OUT",
  "LIMPID_MASK_TIME",
  "LIMPID_MASK_USE",
  "LIMPID_OUT",
  "LIMPID_OVERWRITE",
  "LIMPID_PORT",
  "LIMPID_PRESIGN",
  "LIMPID_PROTOCOL",
  "LIMPID_QUEUE",
  "LIMPID_QUEUE_TIME",
  "LIMPID_QUIET",
  "LIMPID_READ_TIME",
  "LIMPID_REDO",
  "LIMPID_REPORT",
  "LIMPID_RESTORE_TIME",
  "LIMPID_S3_ENDPOINT",
  "LIMPID_SHARD",
  "LIMPID_SHARDS",
  "LIMPID_SOURCES",
  "LIMPID_SOURCE_NETWORKS",
  "LIMPID_TOKENS",
  "LIMPID_URL_KEYS",
  "LIMPID_WATCH",
  "LIMPID_WRITE_TIME",
  "LIMPID_MAX_AGE",
];

const VARIABLES: readonly string[] = [
  ...FLAG_VARIABLES,
  "LIMPID_CACHE_DIR",
  "LIMPID_CWD",
  // For tests:
  "LIMPID_CHROMIUM",
  "LIMPID_PYTHON",
  "LIMPID_REQUIRE",
  "LIMPID_SCREENSHOTS",
  "LIMPID_SOAK_REQUESTS",
];

/**
 * @param set The names of all variables that are set.
 * @throws {LimpidError} `invalid-option` for an unknown variable with Limpid's
 * prefix.
 */
export function checkVariables(set: readonly string[]): void {
  // Kubernetes sets these for each service, including one named limpid.
  const end = "_SERVICE_HOST";
  const services = set.filter((name) => name.endsWith(end))
    .flatMap((name) =>
      ["_SERVICE_", "_PORT"].map((part) => name.slice(0, -end.length) + part)
    );
  const unknown = set.find((name) =>
    name.startsWith("LIMPID_") && !VARIABLES.includes(name) &&
    !services.some((start) => name.startsWith(start))
  );
  if (unknown === undefined) return;
  const shown = unknown.slice(0, 40);
  throw new LimpidError(
    "invalid-option",
    `There is no variable ${shown}${
      suggestion(shown.toUpperCase(), VARIABLES)
    }; unset it, or correct its name: --help lists the flags, and each has a variable.`,
  );
}
