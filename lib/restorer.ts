/** Keeps a device and its loaded networks, and takes pictures through them. */
import type { Backend } from "./backend/backend.ts";
import { openBackend } from "./backend/open_backend.ts";
import { LimpidError } from "./errors.ts";
import type { DecodeLimits } from "./image/decode.ts";
import type { Model } from "./model.ts";
import type { ModelEntry, Size } from "./models/manifest.ts";
import { BUILT_IN } from "./models/location.ts";
import { variableIfGranted } from "./models/granted.ts";
import { type ModelQuery, openStore, type Store } from "./models/store.ts";
import {
  checkMaskSize,
  type MaskOptions,
  restorerSettings,
  restoreSettings,
  type Settings,
} from "./options.ts";
import { emptyMask, extentOf, Guide, type Ramp } from "./masks.ts";
import { type Picture, readPicture } from "./picture.ts";
import { predictMasks } from "./predict_masks.ts";
import { damagedLines, restoreTiles, untouched } from "./restore_tiles.ts";
import { type Findings, maskResult, restoreResult } from "./results.ts";
import { Stopwatch } from "./stopwatch.ts";
import { thumbnail } from "./thumbnail.ts";
import { TilePlan } from "./tiles.ts";
import {
  type Device,
  type Input,
  type Mask,
  type MaskResult,
  type ModelUse,
  type RestoreOptions,
  type RestoreResult,
  type RestorerOptions,
  type Task,
  TASKS,
  type Verdict,
} from "./types.ts";
import { mostProbable } from "./verdict.ts";
import type { Transfer } from "./models/shared.ts";
import type { Watch } from "./watch.ts";

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
  const { device, models, offline, size, preload, ...limits } =
    restorerSettings(options);
  const location = models ?? await variableIfGranted("LIMPID_MODELS") ??
    BUILT_IN;
  await using undo = new AsyncDisposableStack();
  const store = undo.use(await openStore(location, { offline }));
  const backend = undo.use(await openBackend({ device }));
  const restorer = new LimpidRestorer(backend, store, limits, size);
  await restorer.preload(preload);
  undo.move();
  return restorer;
}

/** A picture and what the mask network found in it. */
interface Found {
  readonly picture: Picture;
  readonly thumb: Float32Array<ArrayBuffer>;
  readonly plan: TilePlan;
  readonly mask: Mask;
  readonly task: Verdict;
  readonly probabilities: Readonly<Record<Verdict, number>>;
  readonly ramp: Ramp;
  readonly models: readonly ModelUse[];
}

/** The restorer on a given backend and store. */
export class LimpidRestorer implements Restorer {
  readonly #backend: Backend;
  readonly #store: Store;
  readonly #limits: DecodeLimits;
  readonly #size: Size | null;
  readonly #models = new Map<string, Promise<Model>>();
  #disposed = false;

  /**
   * Takes over backend and store: disposing of the restorer closes them.
   *
   * @param size Of the models; `null` for any.
   */
  constructor(
    backend: Backend,
    store: Store,
    limits: DecodeLimits,
    size: Size | null = null,
  ) {
    this.#backend = backend;
    this.#store = store;
    this.#limits = limits;
    this.#size = size;
  }

  /** Loads the mask network and the restorers of these tasks, if there are any. */
  async preload(tasks: readonly Task[]): Promise<void> {
    if (tasks.length === 0) return;
    const queries: ModelQuery[] = [
      { kind: "mask" },
      ...tasks.map((task) => ({ kind: "restore", task } as const)),
    ];
    // All downloads at once; a session is made as soon as its model has come.
    const loads = queries.map(async (query) => {
      await this.#load(query, UNWATCHED);
    });
    for (const load of loads) load.catch(() => {});
    for (const load of loads) await load;
  }

  get device(): Device {
    return this.#backend.device;
  }

  get deviceReason(): string {
    return this.#backend.reason;
  }

  async predictMask(
    input: Input,
    options: MaskOptions = {},
  ): Promise<MaskResult> {
    const stopwatch = new Stopwatch();
    const found = await this.#find(input, restoreSettings(options), stopwatch);
    stopwatch.stop();
    return maskResult(found.picture, this.#findings(found), stopwatch);
  }

  async restore(
    input: Input,
    options: RestoreOptions = {},
  ): Promise<RestoreResult> {
    const stopwatch = new Stopwatch();
    const settings = restoreSettings(options);
    const found = await this.#find(input, settings, stopwatch, true);
    const { picture: { raster }, thumb, plan, mask, task, ramp } = found;
    const guide = new Guide(mask, ramp, settings.mask);
    const lines = damagedLines(plan, guide);
    let restoration = untouched(raster);
    let models = found.models;
    if (task !== "clean" && lines.some(({ tiles }) => tiles.length > 0)) {
      const model = await this.#load({ kind: "restore", task }, settings);
      models = [...models, use(model)];
      restoration = await stopwatch.time("restore", () =>
        restoreTiles(
          raster,
          thumb,
          mask,
          guide,
          plan,
          lines,
          model,
          settings,
        ));
    }
    stopwatch.stop();
    return restoreResult(
      found.picture,
      { ...this.#findings(found), models },
      restoration,
      plan.total,
      settings,
      stopwatch,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#store[Symbol.dispose]();
    await this.#backend[Symbol.asyncDispose]();
  }

  /**
   * Reads the picture and finds its mask.
   *
   * @param restores Whether the restorer is likely to be needed after it.
   */
  async #find(
    input: Input,
    settings: Settings,
    stopwatch: Stopwatch,
    restores = false,
  ): Promise<Found> {
    if (this.#disposed) {
      throw new LimpidError(
        "device-failed",
        "This restorer was disposed of; create another.",
      );
    }
    const picture = await stopwatch.time(
      "decode",
      () => readPicture(input, this.#limits, settings),
    );
    const { raster } = picture;
    const { width, height } = raster;
    if (settings.mask !== null) checkMaskSize(settings.mask, width, height);

    const asked = settings.task;
    if (restores && asked !== "auto") {
      this.#fetchAhead({ kind: "restore", task: asked }, settings);
    }
    const model = await this.#load({ kind: "mask" }, settings);
    const plan = new TilePlan(width, height, settings.tile, settings.overlap);
    return await stopwatch.time("mask", async () => {
      const thumb = thumbnail(raster);
      const { masks, probabilities } = await predictMasks(
        raster,
        thumb,
        plan,
        model,
        asked === "auto" ? TASKS : [asked],
        settings,
      );
      const task = asked === "auto" ? mostProbable(probabilities) : asked;
      return {
        picture,
        thumb,
        plan,
        mask: task === "clean" ? emptyMask(width, height) : masks.get(task)!,
        task,
        probabilities,
        ramp: this.#ramp(task, settings),
        models: [use(model)],
      };
    });
  }

  #ramp(task: Verdict, { threshold, strength }: Settings): Ramp {
    // Where nothing is to be restored the mask is 0, and any ramp will do.
    if (task === "clean") return { threshold: 1, softness: 1, strength };
    const entry = this.#entry({ kind: "restore", task });
    return {
      // The manifest's check has seen that a restorer's are not null.
      threshold: threshold ?? entry.threshold!,
      softness: entry.softness!,
      strength,
    };
  }

  #entry(query: ModelQuery): ModelEntry {
    const { models } = this.#store;
    const size = this.#size;
    // A store of large restorers may well have a small network for the mask.
    const any = size === null || (query.kind === "mask" &&
      !models.some((model) => model.kind === "mask" && model.size === size));
    const sized = any ? query : { ...query, size };
    return this.#store.find({ ...sized, device: this.device });
  }

  /** Begins to fetch a model that will be needed, while another is made ready. */
  #fetchAhead(query: ModelQuery, watch: Watch): void {
    const { id } = this.#entry(query);
    if (this.#models.has(id)) return;
    // What goes wrong is told when the model is loaded.
    this.#store.pull(id, transferOf(watch)).catch(() => {});
  }

  /** The network, loaded once; calls that come meanwhile wait for the same. */
  async #load(query: ModelQuery, watch: Watch): Promise<Model> {
    const entry = this.#entry(query);
    const known = this.#models.get(entry.id);
    if (known !== undefined) return await known;
    // Callers share the download; one that gives up does not end it for the others.
    const bytes = await this.#store.get(entry.id, transferOf(watch));
    const meanwhile = this.#models.get(entry.id);
    if (meanwhile !== undefined) return await meanwhile;
    const model = this.#open(entry, bytes);
    this.#models.set(entry.id, model);
    // The next call tries again.
    model.catch(() => this.#models.delete(entry.id));
    return await model;
  }

  async #open(
    entry: ModelEntry,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<Model> {
    const session = await this.#backend.load(entry.id, bytes, entry.graph);
    return { entry, session };
  }

  #findings(found: Found): Findings {
    const { mask, task, probabilities, ramp, models } = found;
    return {
      mask,
      task,
      confidence: probabilities[task],
      probabilities,
      ...extentOf(mask, ramp.threshold),
      device: this.device,
      deviceReason: this.deviceReason,
      models,
    };
  }
}

/** Nobody follows it, nobody stops it. */
const UNWATCHED: Watch = { signal: null, onProgress: () => {} };

function transferOf({ signal, onProgress }: Watch): Transfer {
  return {
    signal,
    onProgress: (done, total) => onProgress({ stage: "download", done, total }),
  };
}

function use({ entry: { id, sha256 } }: Model): ModelUse {
  return { id, sha256 };
}
