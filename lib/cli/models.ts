/** `models list` and `models verify` */
import { asLimpidError, LimpidError } from "../errors.ts";
import type { ModelEntry } from "../models/manifest.ts";
import { openStore, type Store } from "../models/store.ts";
import { type Command, command } from "./command.ts";
import { MEANS, REPORT } from "./flags.ts";
import { errorLine } from "./report.ts";
import { suggestion } from "./suggest.ts";
import { writeText } from "./terminal.ts";

/** What can be done with a store, by word. */
const ACTIONS: Readonly<
  Record<string, (store: Store, how: How) => Promise<number>>
> = { list, verify };

interface How {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Tells which models there are, and whether they are whole. */
export const models: Command = command({
  name: "models",
  summary:
    "Lists the models of a store, or reads each one and compares its size and sha256 with the manifest's.",
  usage: "list|verify [flags]",
  flags: { models: MEANS.models, ...REPORT },
  async action({ values, positionals }): Promise<number> {
    const [word = "", ...rest] = positionals;
    const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
    if (action === undefined || rest.length > 0) {
      throw new LimpidError(
        "invalid-option",
        `models takes one word, list or verify, not "${positionals.join(" ")}"${
          suggestion(word, Object.keys(ACTIONS))
        }.`,
      );
    }
    const { models, json = false, quiet = false } = values;
    return await action(await openStore(models), { json, quiet });
  },
});

function list({ location, models }: Store, { json }: How): Promise<number> {
  print(
    json
      ? models.map((model) => JSON.stringify(model))
      : [location, ...table(models.map(row))],
  );
  return Promise.resolve(0);
}

function row(model: ModelEntry): string[] {
  return [
    model.id,
    model.task ?? model.kind,
    model.size,
    `${(model.bytes / 1e6).toFixed(1)} MB`,
    `${model.gmacs} GMACs`,
    model.licence,
    model.sha256.slice(0, 12),
  ];
}

/** Cells in columns, as wide as their widest. */
function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((cells) => cells[i]!.length))
  );
  return rows.map((cells) =>
    "  " + cells.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd()
  );
}

async function verify(store: Store, { json, quiet }: How): Promise<number> {
  let failed = 0;
  for (const { id, sha256 } of store.models) {
    try {
      await store.get(id);
      if (json) print([JSON.stringify({ id, sha256, ok: true })]);
      else if (!quiet) print([`${id}: whole (${sha256.slice(0, 12)})`]);
    } catch (error) {
      failed++;
      const known = asLimpidError(
        error,
        "model-missing",
        `The model ${id} could not be read (${error}).`,
      );
      const { code, message } = known;
      if (json) {
        print([JSON.stringify({ id, ok: false, error: { code, message } })]);
      } else writeText(Deno.stderr, errorLine(null, known) + "\n");
    }
  }
  return failed > 0 ? 1 : 0;
}

function print(lines: readonly string[]): void {
  writeText(Deno.stdout, lines.map((line) => line + "\n").join(""));
}
