/** `triage INPUT...` */
import { LimpidError } from "../errors.ts";
import { onOff } from "../flags/parse_flags.ts";
import { restorerOptions, RUNTIME_FLAGS } from "../flags/runtime_flags.ts";
import type { MaskResult } from "../types.ts";
import { type Command, command } from "../flags/command.ts";
import { findInputs, withoutResults } from "./inputs.ts";
import { columns, printable } from "../flags/terminal.ts";
import { NOT_LOOKED_AT, percent } from "./report.ts";
import { runBatch, type Work } from "./run_images.ts";
import { imageOptions, REPORT, RESTORE_FLAGS } from "./shared_flags.ts";

/** An image, and what is shown of its result. */
type Row =
  & { readonly input: string }
  & Pick<
    MaskResult,
    | "task"
    | "tasks"
    | "confidence"
    | "coverage"
    | "severity"
    | "width"
    | "height"
    | "warnings"
  >;

/** Says what photographs suffer from, the worst first, and writes nothing. */
export const triage: Command = command({
  name: "triage",
  summary:
    "Says what photographs suffer from, how sure that is and how bad, the worst first; restores nothing.",
  usage: "INPUT... [flags]",
  notes: [
    "INPUT is an image, a folder (the images directly in it) or - for standard input. --json prints an\n" +
    "object a line as they come; without it a table follows when all are looked at.",
    "Example: limpid triage photos/ --csv > photos.csv",
  ],
  flags: {
    csv: {
      help: "print the table as comma-separated values; default no",
      parse: onOff,
    },
    "min-confidence": RESTORE_FLAGS["min-confidence"],
    ...RUNTIME_FLAGS,
    ...REPORT,
  },
  async action({ values, positionals }): Promise<number> {
    const { csv = false, json = false, quiet = false } = values;
    if (csv && json) {
      throw new LimpidError(
        "invalid-option",
        "--csv and --json are two forms of the same table; choose one.",
      );
    }
    const options = imageOptions(values);
    const found = await findInputs(positionals);
    // Whoever names a result wants to see it.
    const inputs = found.folder ? await withoutResults(found) : found;
    const rows: Row[] = [];
    return await runBatch({
      jobs: inputs.paths.map((input) => ({ input, targets: [] })),
      skipped: inputs.skipped,
      folders: [],
      restorer: restorerOptions(values),
      json,
      quiet: quiet || csv,
      writes: false,
      async work(restorer, input, job, control): Promise<Work> {
        const result = await restorer.predictMask(input, {
          ...options,
          ...control,
        });
        // Not the result itself, which holds the image.
        const { task, tasks, confidence, coverage, severity } = result;
        const { width, height, warnings } = result;
        const row: Row = {
          input: job.input,
          task,
          tasks,
          confidence,
          coverage,
          severity,
          width,
          height,
          warnings,
        };
        return { result, files: [], done: () => void rows.push(row) };
      },
      end: () => csv ? csvLines(rows) : json || quiet ? [] : tableLines(rows),
    });
  },
});

function bySeverity(rows: readonly Row[]): readonly Row[] {
  const weight = ({ coverage, severity }: Row): number => coverage * severity;
  return rows.toSorted((a, b) =>
    weight(b) - weight(a) || (a.input < b.input ? -1 : 1)
  );
}

function tableLines(rows: readonly Row[]): string[] {
  const cells = bySeverity(rows).map((row) => [
    row.confidence === 0 ? NOT_LOOKED_AT : row.tasks.join(", ") || "clean",
    percent(row.confidence),
    percent(row.coverage),
    row.severity.toFixed(2),
    printable(row.input),
  ]);
  return columns([["found", "sure", "covers", "severity", "image"], ...cells]);
}

/** CSV as in RFC 4180, but without carriage returns. */
function csvLines(rows: readonly Row[]): string[] {
  const quoted = (text: string): string =>
    /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return [
    "input,task,tasks,confidence,coverage,severity,width,height,warnings",
    ...bySeverity(rows).map((row) =>
      [
        row.input,
        row.task,
        row.tasks.join(" "),
        row.confidence.toFixed(4),
        row.coverage.toFixed(6),
        row.severity.toFixed(4),
        row.width,
        row.height,
        row.warnings.join(" "),
      ].map((value) => quoted(String(value))).join(",")
    ),
  ];
}
