/** The flags that several commands share, and their conversion to options. */
import {
  type Depth,
  METADATA_USES,
  OUTPUT_FORMATS,
  type RestoreOptions,
  type Task,
  TASKS,
} from "../types.ts";
import { LimpidError } from "../errors.ts";
import { checkDepth, NUMBERS, restoreSettings } from "../options.ts";
import { IMAGE_FLAGS, imageDefaults } from "../flags/runtime_flags.ts";
import { suggestion } from "../suggest.ts";
import { TASK_LIST, tasksOf } from "../task_list.ts";
import {
  choice,
  type Flag,
  given,
  numberBy,
  numberOr,
  onOff,
  text,
  type Values,
} from "../flags/parse_flags.ts";

/** `auto`, or tasks separated by commas. */
function taskList(value: string, label: string): "auto" | readonly Task[] {
  const names = value.split(",").map((name) => name.trim());
  const tasks = tasksOf(names);
  if (tasks !== null) return tasks;
  const known = ["auto", ...TASKS];
  const wrong = names.find((name) => !known.includes(name));
  throw new LimpidError(
    "invalid-option",
    `${label} must be ${TASK_LIST}, not "${value}"${
      wrong === undefined ? "" : suggestion(wrong, known)
    }.`,
  );
}

/** `-o` */
export const OUT: { readonly out: Flag<string> } = {
  out: {
    help: "where the result goes: a file, a folder, or - for standard output",
    value: "OUT",
    short: "o",
    parse: text,
  },
};

/** Flags for how damage is found. */
export const RESTORE_FLAGS = {
  task: {
    help:
      "auto (default), rain, raindrop, haze or blur; several, as rain,haze, are restored in order",
    value: "TASK",
    parse: taskList,
  },
  ...IMAGE_FLAGS,
  threshold: {
    help:
      "pixels with at most this damage, 0 to 1, keep their bytes; default from the model",
    value: "T",
    parse: numberBy(NUMBERS.threshold),
  },
} as const;

function depth(value: string, label: string): Depth {
  return Number(choice(["8", "16"])(value, label)) as Depth;
}

/** Flags for how much is restored, and how a result is written. */
export const RESULT_FLAGS = {
  strength: {
    help: "0 leaves the image as it is, 1 (default) restores fully",
    value: "S",
    parse: numberBy(NUMBERS.strength),
  },
  format: {
    help: "png, jpeg, webp, avif or tiff; default: the image's own",
    value: "FORMAT",
    parse: choice(OUTPUT_FORMATS),
  },
  quality: {
    help:
      "1 to 100 for JPEG, WebP and AVIF, or lossless for WebP; default 92, or lossless if the input is a lossless WebP",
    value: "Q",
    parse: numberOr("lossless", NUMBERS.quality),
  },
  depth: {
    help:
      "bits a channel, 8 (default) or 16: a PNG or TIFF of 16 keeps them, written as PNG, or as TIFF where that is named",
    value: "BITS",
    parse: depth,
  },
  metadata: {
    help:
      "keep (default), strip (removes all but colour information and resolution), or strip-location (removes GPS data and names of places)",
    value: "USE",
    parse: choice(METADATA_USES),
  },
} as const;

/** Flags for how results are reported. */
export const REPORT = {
  json: {
    help: "print one JSON object a line instead of text; default no",
    parse: onOff,
  },
  quiet: {
    help: "print errors only; default no",
    parse: onOff,
  },
} as const;

/** Flag for whether a result may replace its input. */
export const OVERWRITE = {
  overwrite: {
    help: "let a result replace its own input; default no",
    parse: onOff,
  },
} as const;

/**
 * Converts the flags to options of the library, and checks these, so that no
 * image fails for them later.
 *
 * @returns the options without the format, which each result's name may decide
 * @throws {LimpidError} `invalid-option`
 */
export function imageOptions(
  values: Values<typeof RESTORE_FLAGS & typeof RESULT_FLAGS>,
): RestoreOptions {
  const { task, threshold, strength, format } = values;
  const { quality, metadata, depth } = values;
  const options = {
    ...imageDefaults(values),
    ...given({ task, threshold, strength, quality, metadata, depth }),
  };
  restoreSettings({ ...options, ...given({ format }) });
  checkDepth(depth, format);
  return options;
}
