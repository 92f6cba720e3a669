/** `models list`, `pull`, `verify`, `prune` and `push` */
import { asLimpidError, LimpidError } from "../errors.ts";
import type { ModelEntry } from "../models/manifest.ts";
import { Cache } from "../models/cache.ts";
import { cacheFolder } from "../models/cache_folder.ts";
import { parseBytes } from "../models/parse_bytes.ts";
import { pushModels } from "../models/push.ts";
import { type LimpidStore, openStore } from "../models/store.ts";
import { numberBy } from "../flags/parse_flags.ts";
import { wholeNumberFrom } from "../rules.ts";
import { type Command, command } from "../flags/command.ts";
import { REPORT } from "./shared_flags.ts";
import { RUNTIME_FLAGS } from "../flags/runtime_flags.ts";
import { Interrupt } from "./interrupt.ts";
import { errorLine } from "./report.ts";
import { suggestion } from "../suggest.ts";
import {
  columns,
  complain,
  jsonLine,
  print,
  printable,
} from "../flags/terminal.ts";

/** Arguments of an action. */
interface How {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Arguments after the action: ids of models, or the target of `push`. */
  readonly rest: readonly string[];
  readonly limit: number | undefined;
  readonly presign: number | undefined;
  readonly signal: AbortSignal;
  readonly open: () => Promise<LimpidStore>;
}

/** The actions by name. */
const ACTIONS: Readonly<Record<string, (how: How) => Promise<number>>> = {
  list,
  pull,
  verify,
  prune,
  push,
};

/** Milliseconds between two reports of progress on a terminal. */
const TOLD = 100;

/** Lists, downloads, verifies, removes and uploads models. */
export const models: Command = command({
  name: "models",
  summary:
    "Looks after models: where they come from, and the cache of this computer.",
  usage: "list|pull|verify|prune|push [ID...|TARGET] [flags]",
  notes: [
    "list           what the manifest has, and what of it is here\n" +
    "pull [ID...]   fetch models into the cache: all, or those named\n" +
    "verify [ID...] compare models, all or those named, with the manifest: each must be here, whole\n" +
    "prune          remove the least recently used models from the cache until the rest fits\n" +
    "push TARGET    upload the models to s3://BUCKET/PREFIX?endpoint=URL&region=NAME",
  ],
  flags: {
    models: RUNTIME_FLAGS.models,
    offline: RUNTIME_FLAGS.offline,
    "cache-limit": {
      help: "prune: bytes that may stay, 2GB for instance; default 4GiB",
      value: "BYTES",
      parse: parseBytes,
    },
    presign: {
      help:
        "push: put presigned URLs into the manifest that let anyone fetch for N seconds, a week (604800) at most; default none",
      value: "N",
      parse: numberBy(wholeNumberFrom(1, 604_800)),
    },
    ...REPORT,
  },
  async action({ values, positionals }): Promise<number> {
    const [word = "", ...rest] = positionals;
    const words = Object.keys(ACTIONS);
    const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
    if (action === undefined) {
      throw new LimpidError(
        "invalid-option",
        `models takes one of ${words.join(", ")}, not "${word}"${
          suggestion(word, words)
        }.`,
      );
    }
    checkRest(word, rest);
    const { models, offline = false, json = false, quiet = false, presign } =
      values;
    using interrupt = new Interrupt();
    const { signal } = interrupt;
    const open = (): Promise<LimpidStore> =>
      openStore(models, { offline, signal });
    const limit = values["cache-limit"];
    try {
      return await action({ json, quiet, rest, limit, presign, signal, open });
    } catch (error) {
      if (interrupt.code !== null) return interrupt.code;
      throw error;
    }
  },
});

function checkRest(word: string, rest: readonly string[]): void {
  const wrong = word === "push"
    ? rest.length !== 1 && "needs one TARGET, s3://BUCKET/PREFIX"
    : (word === "list" || word === "prune") && rest.length > 0 &&
      "takes nothing after it";
  if (wrong) {
    throw new LimpidError("invalid-option", `models ${word} ${wrong}.`);
  }
}

/** The models with these ids; all where `ids` is empty. */
function chosen(
  { models, location }: LimpidStore,
  ids: readonly string[],
): readonly ModelEntry[] {
  if (ids.length === 0) return models;
  return ids.map((id) => {
    const model = models.find((m) => m.id === id);
    if (model !== undefined) return model;
    const known = models.map((m) => m.id);
    throw new LimpidError(
      "invalid-option",
      `There is no model ${id}${suggestion(id, known)} in ${location}; it has ${
        known.join(", ")
      }.`,
    );
  });
}

async function list({ json, open }: How): Promise<number> {
  using store = await open();
  const { location, models } = store;
  const here = await Promise.all(models.map(({ id }) => store.isHere(id)));
  const rows = models.map((model, i) => row(model, here[i]!));
  print(
    ...json
      ? models.map((model, i) => jsonLine({ ...model, here: here[i] }))
      : [location, ...columns(rows, "  ")],
  );
  return 0;
}

function row(model: ModelEntry, here: boolean): string[] {
  return [
    model.id,
    model.task ?? model.kind,
    model.size,
    `${(model.bytes / 1e6).toFixed(1)} MB`,
    `${model.gmacs} GMACs`,
    model.licence,
    model.sha256.slice(0, 12),
    here ? "here" : "to be fetched",
  ];
}

async function pull(how: How): Promise<number> {
  const { json, quiet, rest, signal, open } = how;
  using store = await open();
  return await each(chosen(store, rest), how, "here", async (model) => {
    const { id, bytes } = model;
    let told = 0;
    const onProgress = (done: number): void => {
      if (json || quiet || !Deno.stderr.isTerminal()) return;
      if (done < bytes && performance.now() - told < TOLD) return;
      told = performance.now();
      const share = `${Math.floor(100 * done / bytes)} %`;
      const amount = `${megabytes(done)} of ${megabytes(bytes)}`;
      const line = done < bytes ? `${id}  ${share}  ${amount}` : "";
      complain(`\r${printable(line)}\x1b[K`);
    };
    await store.pull(id, { signal, onProgress });
    await store.checkKept(id);
  });
}

async function verify(how: How): Promise<number> {
  using store = await how.open();
  return await each(
    chosen(store, how.rest),
    how,
    "whole",
    ({ id }) => store.verify(id),
  );
}

/** Does the work for each model and reports the result. */
async function each(
  models: readonly ModelEntry[],
  { json, quiet, signal }: How,
  word: string,
  work: (model: ModelEntry) => Promise<void>,
): Promise<number> {
  let failed = 0;
  for (const model of models) {
    const { id, sha256 } = model;
    try {
      await work(model);
    } catch (error) {
      if (signal.aborted) throw error;
      failed++;
      const known = asLimpidError(
        error,
        "model-missing",
        `The model ${id} could not be read (${error}).`,
      );
      const { code, message } = known;
      if (json) print(jsonLine({ id, ok: false, error: { code, message } }));
      else complain(errorLine(null, known) + "\n");
      continue;
    }
    if (json) print(jsonLine({ id, sha256, ok: true }));
    else if (!quiet) print(`${id}: ${word} (${sha256.slice(0, 12)})`);
  }
  return failed > 0 ? 1 : 0;
}

async function prune({ json, quiet, limit }: How): Promise<number> {
  const folder = cacheFolder();
  if (folder === null) {
    throw new LimpidError(
      "invalid-option",
      "No folder for a cache is known; set LIMPID_CACHE_DIR, and let Deno read it (--allow-env).",
    );
  }
  const { removed, freed, left } = await new Cache(folder).prune(limit);
  if (json) print(jsonLine({ folder, removed, freed, left }));
  else if (!quiet) {
    print(
      `${folder}: ${removed} removed (${megabytes(freed)}), ${
        megabytes(left)
      } left`,
    );
  }
  return 0;
}

async function push(
  { json, quiet, rest: [target], presign, signal, open }: How,
): Promise<number> {
  using store = await open();
  const pushed = await pushModels(store, target!, {
    signal,
    ...(presign === undefined ? {} : { presign }),
    onPushed: (id, outcome) => {
      if (json) print(jsonLine({ id, outcome }));
      else if (!quiet) {
        print(`${id}: ${outcome === "there" ? "there already" : outcome}`);
      }
    },
  });
  if (json) print(jsonLine(pushed));
  else print(`LIMPID_MODELS='${pushed.url ?? pushed.location}'`);
  return 0;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
