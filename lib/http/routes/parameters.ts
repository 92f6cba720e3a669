/** Schemas check the parameters of requests and describe them in OpenAPI. */
import { z } from "../../../deps_http.ts";
import { type Depth, METADATA_USES, OUTPUT_FORMATS } from "../../types.ts";
import { TASK_LIST, tasksOf } from "../../task_list.ts";
import { MIN_CONFIDENCE } from "../../options.ts";
import { Problem } from "../problem.ts";

/** A number in a query. */
function number(
  least: number,
  most: number,
  error = `it must be a number from ${least} to ${most}`,
): z.ZodCoercedNumber {
  return z.coerce.number({ error }).min(least, { error }).max(most, { error });
}

/** One of a few values in a query. */
function choice<const T extends string>(
  choices: readonly T[],
): z.ZodEnum<{ [K in T]: K }> {
  return z.enum(choices, { error: `it must be one of ${choices.join(", ")}` });
}

const QUALITY = "it must be a number from 1 to 100, or lossless";

const image = {
  task: z.string().transform((value, context) => {
    const tasks = tasksOf(value.split(",").map((name) => name.trim()));
    if (tasks !== null) return tasks;
    context.addIssue(`it must be ${TASK_LIST}`);
    return z.NEVER;
  }).optional().describe(
    "What to restore: rain, raindrop, haze, blur, or several in order (rain,haze); auto (default) finds out, and may find nothing to do.",
  ),
  minConfidence: number(0, 1).optional().describe(
    `Confidence, 0 to 1, that auto needs to restore damage; default ${MIN_CONFIDENCE}, if the service was not started with another; less certain damage is only reported.`,
  ),
  size: choice(["auto", "small", "large"]).optional().describe(
    "Size of the models; default: the size that the service was started with.",
  ),
  threshold: number(0, 1).optional().describe(
    "Pixels with at most this damage, 0 to 1, keep their bytes; default from the model.",
  ),
  report: choice(["json"]).optional().describe(
    "Answer with multipart/mixed: a JSON report, then the files.",
  ),
};

/** Parameters of POST /restore. */
export const restoreParameters = z.strictObject({
  ...image,
  strength: number(0, 1).optional().describe(
    "0 leaves the image as it is, 1 (default) restores fully.",
  ),
  format: choice(OUTPUT_FORMATS).optional().describe(
    "Format of the result; default: by Accept, else the image's own. AVIF takes the longest to write.",
  ),
  quality: z.union([z.literal("lossless"), number(1, 100, QUALITY)], {
    error: QUALITY,
  }).optional().describe(
    "1 to 100 for JPEG, WebP and AVIF, or lossless for WebP; default 92, or lossless if the input is a lossless WebP.",
  ),
  metadata: choice(METADATA_USES).optional().describe(
    "Which metadata is written: keep (default), strip (removes all but colour information and resolution), or strip-location (removes GPS data and names of places).",
  ),
  depth: choice(["8", "16"]).transform((bits) => Number(bits) as Depth)
    .optional().describe(
      "Bits a channel of the result, 8 (default) or 16: an image of 16, PNG or TIFF, keeps them where it is written as PNG or TIFF.",
    ),
  mask: choice(["restrict", "protect"]).optional().describe(
    "How the form's mask is used: restrict (default) restores where it is light, protect restores where it is dark.",
  ),
});

/** Parameters of POST /mask. */
export const maskParameters = z.strictObject({
  ...image,
  overlay: choice(["true", "false"]).optional().describe(
    "Lay the mask over the image as a heat map; default false: a grey PNG.",
  ),
});

/** Parameters of GET /restore. */
export const fetchParameters = restoreParameters.omit({ mask: true }).extend({
  url: z.string().max(4096, {
    error: "it must be an address of at most 4096 characters",
  }).describe(
    "URL of the image; it must be on the operator's allow list.",
  ),
});

/** Additional parameters of signed URLs. */
const SIGNING = ["expires", "key", "signature"] as const;

/** Values of {@linkcode restoreParameters}. */
export type RestoreParameters = z.infer<typeof restoreParameters>;

/**
 * Parses a query.
 *
 * @throws {Problem} `invalid-option`, which names the first wrong parameter.
 */
export function readParameters<T extends z.ZodType>(
  schema: T,
  query: URLSearchParams,
): z.infer<T> {
  const given: Record<string, string> = Object.create(null);
  for (const [name, value] of query) {
    if (SIGNING.some((s) => s === name)) continue;
    if (name in given) {
      throw invalid(
        `The parameter ${shown(name)} is given twice; give it once.`,
      );
    }
    // An empty text would count as 0.
    if (value.trim() === "") {
      throw invalid(
        `The parameter ${
          shown(name)
        } has no value; give it one, or leave it out.`,
      );
    }
    given[name] = value;
  }
  const read = schema.safeParse({ ...given });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  if (issue?.code === "unrecognized_keys") {
    throw invalid(
      `There is no parameter ${
        shown(issue.keys[0] ?? "")
      } at this path; see /openapi.json.`,
    );
  }
  const name = String(issue?.path[0] ?? "");
  const value = given[name];
  throw invalid(
    value === undefined
      ? `The parameter ${shown(name)} is missing.`
      : `The parameter ${shown(name)} is ${shown(value)}; ${issue?.message}.`,
  );
}

/** A text from outside, shortened and escaped. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 40));
}

function invalid(detail: string): Problem {
  return new Problem("invalid-option", detail);
}
