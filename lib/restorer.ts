/** Keeps a device and its loaded networks, and takes pictures through them. */
import type { Backend, Session } from "./backend/backend.ts";
import { openBackend } from "./backend/open_backend.ts";
import type { Canvas } from "./canvas/canvas.ts";
import {
  type Engine,
  Engines,
  ModelChoice,
  type OpenBackend,
} from "./engine.ts";
import { holdCodecs } from "./codecs/codecs.ts";
import { cutOf } from "./cut_of.ts";
import type { Model } from "./model.ts";
import { variableIfGranted } from "./models/granted.ts";
import { BUILT_IN } from "./models/location.ts";
import { givesExtent, type Size as ModelSize } from "./models/manifest.ts";
import { type ModelQuery, openStore, type Store } from "./models/store.ts";
import {
  checkMaskSize,
  type MaskOptions,
  type PictureLimits,
  restorerSettings,
  restoreSettings,
  type Settings,
} from "./options.ts";
import { emptyMask, type Extent, extentOf, type Ramp } from "./masks.ts";
import { neutralised } from "./neutral.ts";
import { type Picture, readPicture } from "./picture.ts";
import type { PackedRaster } from "./planar.ts";
import { predictExtent, predictMasks } from "./predict_masks.ts";
import { seenSize } from "./reduce.ts";
import { type Restoration, restoreTiles, untouched } from "./restore_tiles.ts";
import { type Findings, maskResult, restoreResult } from "./results.ts";
import { Stopwatch } from "./stopwatch.ts";
import { withSmallerTiles } from "./smaller_tiles.ts";
import { type Cut, type Size, TilePlan } from "./tiles.ts";
import {
  type Device,
  type Input,
  type Mask,
  type MaskResult,
  type ModelUse,
  type Raster,
  type RestoreOptions,
  type RestoreResult,
  type RestorerOptions,
  type Task,
  TASKS,
  type Verdict,
} from "./types.ts";
import { mostProbable } from "./verdict.ts";

/**
 * Restores pictures one after the other on the same device; each network is
 * loaded when it is first needed, and kept. Calls may overlap: their tiles
 * take turns. Dispose of it when done, or the process does not end.
 */
export interface Restorer extends AsyncDisposable {
  /** Where the networks run. */
  readonly device: Device;
  /** Why this device was taken, one sentence. */
  readonly deviceReason: string;
  /** As the function {@linkcode restore}, without opening the device anew. */
  restore(input: Input, options?: RestoreOptions): Promise<RestoreResult>;
  /** As the function {@linkcode predictMask}, without opening the device anew. */
  predictMask(input: Input, options?: MaskOptions): Promise<MaskResult>;
}

/**
 * Opens the device and the model store, and loads what is to be preloaded.
 *
 * @throws {LimpidError} `invalid-option`; `device-unavailable` where the device
 * asked for is not to be had; `model-missing`, `model-corrupt` where the
 * manifest or a model to be preloaded cannot be read.
 *
 * @example
 * ```ts
 * import { createRestorer } from "limpid";
 * import assert from "node:assert/strict";
 *
 * await using restorer = await createRestorer({ device: "wasm" });
 * const grey = { width: 8, height: 6, data: new Uint8Array(4 * 8 * 6).fill(128) };
 * const { pixels } = await restorer.restore(grey, { task: "rain" });
 * assert.equal(pixels.data.length, grey.data.length);
 * ```
 */
export async function createRestorer(
  options: RestorerOptions = {},
): Promise<Restorer> {
  const { device, precision, models, offline, size, preload, ...limits } =
    restorerSettings(options);
  const location = models ?? await variableIfGranted("LIMPID_MODELS") ??
    BUILT_IN;
  // What gave wrong numbers will again; what was lost may be there again.
  const reopen = (broken: Backend): Promise<Backend> =>
    openBackend({
      device,
      precision,
      except: broken.broken === "wrong" ? broken.device : null,
    });
  await using undo = new AsyncDisposableStack();
  const store = undo.use(await openStore(location, { offline }));
  const backend = undo.use(await openBackend({ device, precision }));
  const restorer = new LimpidRestorer(backend, store, limits, reopen, size);
  await restorer.preload(preload);
  undo.move();
  return restorer;
}

/** What the mask network says of a picture. */
interface Look {
  /** What the networks see of it. */
  readonly seen: Size;
  /** How that was cut for them. */
  readonly cut: Cut;
  /** And was to be, had memory sufficed. */
  readonly asked: Cut;
  readonly task: Verdict;
  readonly probabilities: Readonly<Record<Verdict, number>>;
  readonly models: readonly ModelUse[];
}

/** What is damaged, and where. */
interface Found extends Look {
  readonly canvas: Canvas<Session>;
  readonly mask: Mask;
  readonly extent: Extent;
  readonly ramp: Ramp;
}

/** The restorer on a given backend and store. */
export class LimpidRestorer implements Restorer {
  readonly #engines: Engines;
  readonly #limits: PictureLimits;
  readonly #codecs = holdCodecs();

  /**
   * Takes over backend and store: disposing of the restorer closes them.
   *
   * @param open Opens the next backend, where the device of this one is lost.
   * @param size Of the models; `null` for any.
   */
  constructor(
    backend: Backend,
    store: Store,
    limits: PictureLimits,
    open: OpenBackend,
    size: ModelSize | null = null,
  ) {
    this.#engines = new Engines(backend, new ModelChoice(store, size), open);
    this.#limits = limits;
  }

  /** Loads the mask networks and the restorers of these tasks, if there are any. */
  async preload(tasks: readonly Task[]): Promise<void> {
    if (tasks.length === 0) return;
    await this.#engines.run((engine) =>
      engine.preload([
        { kind: "mask" },
        ...tasks.flatMap((task) => queriesOf(engine, task)),
      ])
    );
  }

  get device(): Device {
    return this.#engines.backend.device;
  }

  get deviceReason(): string {
    return this.#engines.backend.reason;
  }

  async predictMask(
    input: Input,
    options: MaskOptions = {},
  ): Promise<MaskResult> {
    const stopwatch = new Stopwatch();
    const settings = restoreSettings(options);
    const picture = await this.#read(input, settings, stopwatch);
    const findings = await this.#find(
      picture,
      settings,
      stopwatch,
      false,
      (_, found) => Promise.resolve(this.#findings(found)),
    );
    stopwatch.stop();
    return maskResult(picture, findings, stopwatch);
  }

  async restore(
    input: Input,
    options: RestoreOptions = {},
  ): Promise<RestoreResult> {
    const stopwatch = new Stopwatch();
    const settings = restoreSettings(options);
    const picture = await this.#read(input, settings, stopwatch);
    const { findings, restoration, seen, cut, asked } = await this.#find(
      picture,
      settings,
      stopwatch,
      true,
      async (engine, found) => {
        const done = await stopwatch.time(
          "restore",
          () => this.#restore(engine, found, settings),
        );
        const findings = this.#findings({ ...found, models: done.models });
        const { restoration: coloured } = done;
        const restoration = coloured === undefined
          ? await untouched(picture.raster)
          : picture.neutral
          ? await neutralised(picture.raster, coloured)
          : coloured;
        return { ...done, seen: found.seen, findings, restoration };
      },
    );
    stopwatch.stop();
    const { total } = new TilePlan(seen.width, seen.height, cut);
    return restoreResult(
      picture,
      findings,
      restoration,
      {
        total,
        restored: restoration.restored,
        side: cut.tile,
        asked: asked.tile,
      },
      settings,
      stopwatch,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#codecs[Symbol.dispose]();
    await this.#engines[Symbol.asyncDispose]();
  }

  async #read(
    input: Input,
    settings: Settings,
    stopwatch: Stopwatch,
  ): Promise<Picture> {
    const picture = await stopwatch.time(
      "decode",
      () => readPicture(input, this.#limits, settings, stopwatch),
    );
    const { width, height } = picture.raster;
    if (settings.mask !== null) checkMaskSize(settings.mask, width, height);
    return picture;
  }

  /**
   * Finds the picture's mask, and does with it what is to be done while the
   * picture is on the device.
   *
   * @param restores Whether the restorer is likely to be needed after it.
   */
  #find<T>(
    { raster }: Picture,
    settings: Settings,
    stopwatch: Stopwatch,
    restores: boolean,
    use: (engine: Engine, found: Found) => Promise<T>,
  ): Promise<T> {
    return this.#engines.run(async (engine) => {
      const { task } = settings;
      if (restores && task !== "auto") {
        for (const query of queriesOf(engine, task)) {
          engine.fetchAhead(query, settings);
        }
      }
      const model = await engine.load({ kind: "mask" }, settings);
      const known = task === "auto" ? undefined : wholeOf(engine, task);
      const look = async (canvas: Canvas<Session>): Promise<Look> =>
        await stopwatch.time(
          "mask",
          () => this.#look(canvas, model, seenSize(raster, known), settings),
        );
      const finish = async (
        canvas: Canvas<Session>,
        looked: Look,
      ): Promise<T> => {
        const found = await stopwatch.time(
          "mask",
          () => this.#found(engine, canvas, looked, raster, settings),
        );
        return await use(engine, found);
      };
      const on = <R>(
        longest: number | undefined,
        work: (canvas: Canvas<Session>) => Promise<R>,
      ): Promise<R> =>
        withCanvas(engine.backend, raster, longest, stopwatch, work);
      const first = await on(known, async (canvas) => {
        const looked = await look(canvas);
        // What was seen in tiles, and is haze, is looked at anew as a whole.
        return wholeOf(engine, looked.task) === known
          ? { result: await finish(canvas, looked) }
          : { looked };
      });
      if ("result" in first) return first.result;
      const { looked } = first;
      return await on(
        wholeOf(engine, looked.task),
        (canvas) => finish(canvas, looked),
      );
    });
  }

  /** Which damage there is; the canvas has the masks then. */
  async #look(
    canvas: Canvas<Session>,
    model: Model,
    seen: Size,
    settings: Settings,
  ): Promise<Look> {
    const tasks = settings.task === "auto" ? TASKS : [settings.task];
    const asked = cutOf(model.entry, settings);
    const { value: probabilities, cut } = await withSmallerTiles(
      seen,
      asked,
      (cut) => predictMasks(canvas, seen, cut, model, tasks, settings),
    );
    const task = settings.task === "auto"
      ? mostProbable(probabilities)
      : settings.task;
    return { seen, cut, asked, task, probabilities, models: [use(model)] };
  }

  /** Its mask; from a mask network of its own, where the task has one. */
  async #found(
    engine: Engine,
    canvas: Canvas<Session>,
    looked: Look,
    raster: Raster,
    settings: Settings,
  ): Promise<Found> {
    const { task } = looked;
    const { width, height } = raster;
    const ramp = rampOf(engine, task, settings);
    if (task === "clean") {
      const extent = { coverage: 0, severity: 0 };
      const mask = emptyMask(width, height);
      return { ...looked, canvas, mask, extent, ramp };
    }
    let { seen, cut, asked, models } = looked;
    const own = engine.ownMask(task);
    if (own !== undefined) {
      const model = await engine.load(own, settings);
      const longest = wholeOf(engine, task);
      seen = seenSize(raster, longest);
      const predict = (cut: Cut): Promise<unknown> =>
        predictMasks(canvas, seen, cut, model, [task], settings);
      if (givesExtent(model.entry)) {
        // Its own tiles, whatever is asked for: they take little memory, and what it says depends on where they lie.
        const cut = cutOf(model.entry);
        await predictExtent(canvas, seen, cut, model, task, settings);
      } else if (longest === undefined) {
        asked = cutOf(model.entry, settings);
        ({ cut } = await withSmallerTiles(seen, asked, predict));
      } else {
        cut = asked = { tile: longest, halo: 0 };
        await predict(cut);
      }
      models = [...models, use(model)];
    }
    const { data, counts } = await canvas.mask(task);
    const mask = { width, height, data };
    const extent = extentOf(counts, ramp.threshold);
    return { ...looked, seen, cut, asked, models, canvas, mask, extent, ramp };
  }

  /** Restores what the mask marks; no restoration where it marks nothing. */
  async #restore(
    engine: Engine,
    { canvas, seen, cut, asked, task, ramp, models }: Found,
    settings: Settings,
  ): Promise<
    { restoration?: Restoration } & Pick<Found, "cut" | "asked" | "models">
  > {
    if (task === "clean") return { cut, asked, models };
    const guidance = { task, ramp, user: settings.mask };
    const entry = engine.find({ kind: "restore", task });
    const own = entry.whole === undefined ? cutOf(entry, settings) : cut;
    let used = models;
    const fitted = await withSmallerTiles(seen, own, async (cut) => {
      const tiles = await canvas.beginRestore(cut, guidance);
      if (tiles.length === 0) return null;
      const model = await engine.load({ kind: "restore", task }, settings);
      used = [...models, use(model)];
      return await restoreTiles(canvas, tiles, model, settings);
    });
    const { value } = fitted;
    return {
      ...(value === null ? {} : { restoration: value }),
      cut: fitted.cut,
      asked: own,
      models: used,
    };
  }

  #findings(found: Found): Findings {
    const { mask, extent, task, probabilities, models } = found;
    return {
      mask,
      task,
      confidence: probabilities[task],
      probabilities,
      ...extent,
      device: this.device,
      deviceReason: this.deviceReason,
      models,
    };
  }
}

function rampOf(
  engine: Engine,
  task: Verdict,
  { threshold, strength }: Settings,
): Ramp {
  // Where nothing is to be restored the mask is 0, and any ramp will do.
  if (task === "clean") return { threshold: 1, softness: 1, strength };
  const entry = engine.find({ kind: "restore", task });
  return {
    // The manifest's check has seen that a restorer's are not null.
    threshold: threshold ?? entry.threshold!,
    softness: entry.softness!,
    strength,
  };
}

/** The models of a task, beside the mask network of all. */
function queriesOf(engine: Engine, task: Task): readonly ModelQuery[] {
  const restore = { kind: "restore", task } as const;
  const own = engine.ownMask(task);
  return own === undefined ? [restore] : [own, restore];
}

/** To how many pixels a picture is reduced for the networks of a task; `undefined` where they see tiles. */
function wholeOf(engine: Engine, task: Verdict): number | undefined {
  return task === "clean"
    ? undefined
    : engine.find({ kind: "restore", task }).whole;
}

/** Puts a picture on the device, works on it, and takes it away. */
async function withCanvas<T>(
  backend: Backend,
  raster: PackedRaster,
  longest: number | undefined,
  stopwatch: Stopwatch,
  work: (canvas: Canvas<Session>) => Promise<T>,
): Promise<T> {
  const canvas = await backend.open(raster, longest);
  let failed = true;
  try {
    const result = await work(canvas);
    failed = false;
    return result;
  } finally {
    const closed = canvas.close().then((t) => stopwatch.addCanvas(t));
    // With the device gone, so is the canvas; the job's own error counts.
    await (failed ? closed.catch(() => {}) : closed);
  }
}

function use({ entry: { id, sha256 }, session }: Model): ModelUse {
  const { precision, precisionReason } = session;
  return { id, sha256, precision, precisionReason };
}
