/** `mask INPUT... -o OUT` */
import { LimpidError } from "../errors.ts";
import { onOff } from "../flags/parse_flags.ts";
import { runBatch, type Work } from "./run_images.ts";
import { type Command, command } from "../flags/command.ts";
import {
  imageOptions,
  OUT,
  OVERWRITE,
  REPORT,
  RESTORE_FLAGS,
} from "./shared_flags.ts";
import { restorerOptions, RUNTIME_FLAGS } from "../flags/runtime_flags.ts";
import { findInputs } from "./inputs.ts";
import { jobsOf, targetsOf } from "./outputs.ts";

/** Shows where images are degraded. */
export const mask: Command = command({
  name: "mask",
  summary:
    "Writes where photographs are spoiled, as grey PNG (white is damaged) or as a heat map over them.",
  usage: "INPUT... -o OUT [flags]",
  flags: {
    ...OUT,
    overlay: {
      help: "lay the mask over the image as a heat map; default no",
      parse: onOff,
    },
    ...RESTORE_FLAGS,
    ...RUNTIME_FLAGS,
    ...OVERWRITE,
    ...REPORT,
  },
  async action({ values, positionals }): Promise<number> {
    const { out, overlay = false, json = false, quiet = false } = values;
    if (out === undefined) {
      throw new LimpidError(
        "invalid-option",
        "No output is named; add -o OUT.",
      );
    }
    const options = imageOptions(values);
    const inputs = await findInputs(positionals);
    const { targets, folder } = await targetsOf(inputs, out, "png", "-o");
    return await runBatch({
      jobs: await jobsOf(inputs.paths, [targets], values.overwrite ?? false),
      skipped: inputs.skipped,
      folders: folder === null ? [] : [folder],
      restorer: restorerOptions(values),
      json,
      quiet,
      async work(restorer, input, _job, control): Promise<Work> {
        const result = await restorer.predictMask(input, {
          ...options,
          ...control,
        });
        return { result, files: [await result.encodeMask({ overlay })] };
      },
    });
  },
});
