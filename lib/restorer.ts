/** Restores images on one device with its loaded networks. */
import type { Backend } from "./runtime/backend.ts";
import { openBackend } from "./runtime/open_backend.ts";
import { retainCodecWorker } from "./codecs/mod.ts";
import { copyPixels } from "./pixels/copy_bytes.ts";
import { ModelSelector } from "./pipeline/model_selector.ts";
import {
  type OpenBackend,
  RecoveringBackend,
} from "./pipeline/recovering_backend.ts";
import { namesIfGranted, variableIfGranted } from "./permissions.ts";
import { checkVariables } from "./variables.ts";
import { BUILT_IN } from "./models/location.ts";
import type { ModelEntry, Size as ModelSize } from "./models/manifest.ts";
import { openStore, type Store } from "./models/store.ts";
import type { LoadedModels } from "./pipeline/loaded_models.ts";
import {
  checkMaskSize,
  type ImageLimits,
  type MaskOptions,
  maskSettings,
  restorerSettings,
  restoreSettings,
  type Settings,
} from "./options.ts";
import { neutralised } from "./pixels/neutral.ts";
import { type LoadedImage, loadImage } from "./pipeline/load_image.ts";
import {
  modelsOf,
  prepareModels,
  restoreImage,
} from "./pipeline/restore_image.ts";
import { modelsInUse, tryModels } from "./pipeline/try_models.ts";
import type { PackedRaster } from "./pixels/planes.ts";
import {
  maskResult,
  type MaskSummary,
  type Restored,
  type RestoredPixels,
  restoreResult,
} from "./pipeline/results.ts";
import { Stopwatch } from "./pipeline/stopwatch.ts";
import type {
  Device,
  Input,
  MaskResult,
  RestoreOptions,
  RestoreResult,
  RestorerOptions,
  Task,
  Verdict,
} from "./types.ts";
import { checkAborted, partOf, rising } from "./job_control.ts";
import { PARTS } from "./pipeline/parts.ts";

/**
 * Restores images one after the other on the same device. Each network is
 * loaded when it is first needed, and kept. Calls may overlap: their tiles take
 * turns. Dispose of it when done, or the process does not end.
 */
export interface Restorer extends AsyncDisposable {
  /** Where the networks run. */
  readonly device: Device;
  /** Why this device was chosen, one sentence. */
  readonly deviceReason: string;
  /**
   * Like the function {@linkcode restore}, on this restorer's device.
   *
   * @throws {LimpidError} {@linkcode ErrorCode} lists the codes.
   */
  restore(input: Input, options?: RestoreOptions): Promise<RestoreResult>;
  /**
   * Like the function {@linkcode predictMask}, on this restorer's device.
   *
   * @throws {LimpidError} {@linkcode ErrorCode} lists the codes.
   */
  predictMask(input: Input, options?: MaskOptions): Promise<MaskResult>;
}

/**
 * Opens the device and the model store, and loads the models to be preloaded.
 *
 * @param options Device, models and limits; {@linkcode RestorerOptions} has the
 * defaults.
 * @returns the restorer, ready for images; dispose of it when done.
 * @throws {LimpidError} `invalid-option`; `device-unavailable` where the device
 * cannot be opened; `model-missing`, `model-corrupt` where the manifest or a
 * model to be preloaded cannot be read; `unwritable` where the cache's disk is
 * full; `device-failed` where a model to be preloaded fails on the device;
 * `aborted`.
 *
 * @example
 * ```ts
 * import { createRestorer } from "limpid";
 * import assert from "node:assert/strict";
 *
 * await using restorer = await createRestorer({ device: "wasm" });
 * const grey = { width: 40, height: 30, data: new Uint8Array(4 * 40 * 30).fill(128) };
 * const { pixels } = await restorer.restore(grey, { task: "rain" });
 * assert.equal(pixels.data.length, grey.data.length);
 * ```
 */
export function createRestorer(
  options: RestorerOptions = {},
): Promise<Restorer> {
  return openRestorer(options);
}

/** Like {@linkcode createRestorer}, for internal use. */
export async function openRestorer(
  options: RestorerOptions,
): Promise<LimpidRestorer> {
  const settings = restorerSettings(options);
  const {
    device,
    precision,
    models,
    offline,
    size,
    preload,
    signal,
    ...limits
  } = settings;
  checkAborted(settings);
  checkVariables(namesIfGranted());
  const location = models ?? variableIfGranted("LIMPID_MODELS") ??
    BUILT_IN;
  // A device with wrong numbers would fail again; a lost one may work again.
  const reopen = (broken: Backend): Promise<Backend> =>
    openBackend({
      device,
      precision,
      except: broken.broken === "wrong" ? broken.device : null,
    });
  await using undo = new AsyncDisposableStack();
  const store = undo.use(await openStore(location, { offline, signal }));
  const backend = undo.use(await openBackend({ device, precision }));
  checkAborted(settings);
  const restorer = undo.use(
    new LimpidRestorer(backend, store, limits, reopen, size),
  );
  await restorer.preload(preload, signal);
  undo.move();
  return restorer;
}

/** A restorer on a given backend and store. */
export class LimpidRestorer implements Restorer {
  readonly #backend: RecoveringBackend;
  readonly #limits: ImageLimits;
  readonly #codecs = retainCodecWorker();

  /**
   * Takes over backend and store: disposing of the restorer closes them.
   *
   * @param open Opens the next backend when this one's device is lost.
   * @param size Preferred model size.
   */
  constructor(
    backend: Backend,
    store: Store,
    limits: ImageLimits,
    open: OpenBackend,
    size: ModelSize | "auto" = "auto",
  ) {
    this.#backend = new RecoveringBackend(
      backend,
      new ModelSelector(store, size),
      open,
    );
    this.#limits = limits;
  }

  /** Loads the mask networks and the restorers of these tasks, if there are any. */
  async preload(
    tasks: readonly Task[],
    signal: AbortSignal | null = null,
  ): Promise<void> {
    if (tasks.length === 0) return;
    await this.#backend.run((loaded) =>
      loaded.preload([
        { kind: "mask" },
        ...tasks.flatMap((task) => modelsOf(loaded, task)),
      ], signal)
    );
  }

  /**
   * Loads and runs every model of the preferred size.
   *
   * @throws {LimpidError} as {@linkcode restore}
   */
  async tryModels(input: Input): Promise<void> {
    const settings = restoreSettings({});
    const { raster } = await this.#read(
      input,
      settings,
      new Stopwatch(),
      () => {},
    );
    await this.#backend.run((loaded) => tryModels(loaded, raster));
  }

  /** The models that images may need. Default: of the preferred size. */
  models(size?: ModelSize): Promise<readonly ModelEntry[]> {
    return this.#backend.run((loaded) =>
      Promise.resolve(
        modelsInUse(size === undefined ? loaded : loaded.preferring(size)),
      )
    );
  }

  get device(): Device {
    return this.#backend.backend.device;
  }

  get deviceReason(): string {
    return this.#backend.backend.reason;
  }

  async predictMask(
    input: Input,
    options: MaskOptions = {},
  ): Promise<MaskResult> {
    const stopwatch = new Stopwatch();
    const settings = rising(maskSettings(options));
    const { image, findings } = await this.#run(
      input,
      settings,
      stopwatch,
      false,
    );
    return maskResult(image, findings, settings, stopwatch);
  }

  async restore(
    input: Input,
    options: RestoreOptions = {},
  ): Promise<RestoreResult> {
    const stopwatch = new Stopwatch();
    const settings = rising(restoreSettings(options));
    const { image, findings, outcome } = await this.#run(
      input,
      settings,
      stopwatch,
      true,
    );
    return restoreResult(image, findings, outcome, settings, stopwatch);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#codecs[Symbol.dispose]();
    await this.#backend[Symbol.asyncDispose]();
  }

  async #read(
    input: Input,
    settings: Settings,
    stopwatch: Stopwatch,
    accepted: () => void,
  ): Promise<LoadedImage> {
    const image = await stopwatch.time(
      "decode",
      () =>
        loadImage(
          input,
          this.#limits,
          partOf(settings, ...PARTS.decode),
          stopwatch,
          accepted,
        ),
    );
    const { width, height } = image.raster;
    if (settings.mask !== null) checkMaskSize(settings.mask, width, height);
    return image;
  }

  /** Like {@linkcode LimpidRestorer.#work}; tells of no progress once it is over. */
  async #run(
    input: Input,
    settings: Settings,
    stopwatch: Stopwatch,
    restores: boolean,
  ): Promise<Worked> {
    let over = false;
    const onProgress: Settings["onProgress"] = (progress) => {
      // Downloads go on where an image failed: others may need them.
      if (!over) settings.onProgress(progress);
    };
    try {
      const told = { ...settings, onProgress };
      const worked = await this.#work(input, told, stopwatch, restores);
      // Nobody waits any more for what was finished meanwhile.
      checkAborted(settings);
      return worked;
    } finally {
      over = true;
    }
  }

  /** Reads, classifies and restores an image. */
  async #work(
    input: Input,
    settings: Settings,
    stopwatch: Stopwatch,
    restores: boolean,
  ): Promise<Worked> {
    const preferring = (own: LoadedModels): LoadedModels =>
      settings.size === null ? own : own.preferring(settings.size);
    // What fails is reported where it is needed.
    const prepare = (): void =>
      void this.#backend.run((own) =>
        prepareModels(preferring(own), settings, restores)
      ).catch(() => {});
    const image = await this.#read(input, settings, stopwatch, prepare);
    const { raster } = image;
    const working = partOf(settings, ...PARTS.work);
    const found = await this.#backend.run(async (own) => {
      const loaded = preferring(own);
      const { size } = loaded;
      return {
        ...await restoreImage(loaded, raster, working, stopwatch, restores),
        size,
      };
    });
    const { pixels, tiles, restored, levels } = found;
    let outcome: RestoredPixels = pixels === null
      ? { data: await copyPixels(raster.data), changed: 0 }
      : { data: pixels, changed: changedPixels(raster, pixels) };
    if (image.neutral && outcome.changed > 0) {
      outcome = await neutralised(raster, outcome.data);
    }
    stopwatch.stop();
    const { mask, stats, tasks, probabilities, models, size } = found;
    const task: Verdict = tasks[0] ?? "clean";
    const findings = {
      mask,
      task,
      tasks,
      confidence: probabilities[task],
      probabilities,
      ...stats,
      device: this.device,
      deviceReason: this.deviceReason,
      size,
      models,
    };
    return {
      image,
      findings,
      outcome: { ...outcome, tiles, restored, levels },
    };
  }
}

/** An image that was worked on. */
interface Worked {
  readonly image: LoadedImage;
  readonly findings: MaskSummary;
  readonly outcome: Restored;
}

/** How many pixels of an image and of its restoration have different bytes. */
function changedPixels(
  { pixels }: PackedRaster,
  restored: Uint8ClampedArray<ArrayBuffer>,
): number {
  const others = new Uint32Array(restored.buffer);
  let changed = 0;
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i] !== others[i]) changed++;
  }
  return changed;
}
