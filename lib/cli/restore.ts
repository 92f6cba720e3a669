/** `restore INPUT... -o OUT` */
import { LimpidError } from "../errors.ts";
import { restoreSettings } from "../options.ts";
import { OUTPUT_FORMATS, type RestoreOptions } from "../types.ts";
import { choice, number, text } from "../flags/parse_flags.ts";
import { runBatch, type Work } from "./run_images.ts";
import { type Command, command } from "../flags/command.ts";
import {
  imageOptions,
  OUT,
  OVERWRITE,
  QUALITY,
  REPORT,
  RESTORE_FLAGS,
} from "./shared_flags.ts";
import { restorerOptions, RUNTIME_FLAGS } from "../flags/runtime_flags.ts";
import { findInputs } from "./inputs.ts";
import { jobsOf, targetsOf } from "./outputs.ts";

const FLAGS = {
  ...OUT,
  ...RESTORE_FLAGS,
  strength: {
    help: "0 leaves the image as it is, 1 (default) restores fully",
    value: "S",
    parse: number,
  },
  format: {
    help: "png, jpeg or webp; default: as OUT is named, else the input's own",
    value: "FORMAT",
    parse: choice(OUTPUT_FORMATS),
  },
  ...QUALITY,
  "mask-out": {
    help:
      "also write the degradation mask as a grey PNG, to a file, or a folder where OUT is one",
    value: "FILE",
    parse: text,
  },
  ...RUNTIME_FLAGS,
  ...OVERWRITE,
  ...REPORT,
};

/** Restores images. */
export const restore: Command = command({
  name: "restore",
  summary:
    "Finds where photographs are spoiled by rain, raindrops, haze or motion blur, and restores them there.",
  usage: "INPUT... -o OUT [flags]",
  notes: [
    "INPUT is an image (PNG, JPEG, WebP, GIF), a folder (the images directly in it) or - for standard\n" +
    "input. With several inputs or a folder OUT is a folder: files keep their stem and take their\n" +
    "format's extension. Exit codes: 0 done, 1 some input failed (the others are done), 2 usage.",
  ],
  flags: FLAGS,
  async action({ values, positionals }): Promise<number> {
    const { out, format, quality, strength, json = false, quiet = false } =
      values;
    if (out === undefined) {
      throw new LimpidError(
        "invalid-option",
        "No output is named; add -o OUT.",
      );
    }
    const options: RestoreOptions = {
      ...imageOptions(values),
      ...(strength === undefined ? {} : { strength }),
      ...(quality === undefined ? {} : { quality }),
    };
    restoreSettings(options); // Told now, not with the first image.
    const inputs = await findInputs(positionals);
    const images = await targetsOf(inputs, out, format, "-o");
    const maskOut = values["mask-out"];
    const masks = maskOut === undefined
      ? null
      : await targetsOf(inputs, maskOut, "png", "--mask-out");
    return await runBatch({
      jobs: await jobsOf(
        inputs.paths,
        [images.targets, ...masks === null ? [] : [masks.targets]],
        values.overwrite ?? false,
      ),
      skipped: inputs.skipped,
      folders: [images.folder, masks?.folder].filter((f) => f != null),
      restorer: restorerOptions(values),
      json,
      quiet,
      async work(restorer, input, [target, mask], control): Promise<Work> {
        const result = await restorer.restore(input, {
          ...options,
          ...(target?.format === undefined ? {} : { format: target.format }),
          ...control,
        });
        const files = [await result.encode()];
        if (mask !== undefined) files.push(await result.encodeMask());
        return { result, files };
      },
    });
  },
});
