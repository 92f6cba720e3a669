/** Restores one damage of a picture: level by level, whole, or at the one level where its extent is known. */
import type { Session } from "../runtime/backend.ts";
import { enlargeMask } from "../pixels/bilinear.ts";
import type { Canvas, Guidance } from "../runtime/canvas/canvas.ts";
import { cutOf } from "../tiling/tile_size.ts";
import { type Ramp, shareByByte } from "../pixels/mask.ts";
import { givesExtent, type ModelEntry } from "../models/manifest.ts";
import { pack, type PackedRaster } from "../pixels/planes.ts";
import { predictExtent, predictMasks } from "./predict_mask.ts";
import { reduceMask, seenSize } from "../pixels/reduce.ts";
import { type Restoration, restoreTiles } from "./restore_tiles.ts";
import { withSmallerTiles } from "./retry_smaller_tiles.ts";
import { type Cut, type Size, TilePlan } from "../tiling/tile_plan.ts";
import type { Mask, ModelUse, Task } from "../types.ts";
import { type Job, modelUse, withCanvas } from "./job.ts";
import type { Pyramid } from "./pyramid.ts";
import { showsDamage } from "./shows_damage.ts";

/** Tiles that the restorer's networks had and ran on, at all levels. */
export interface Tiles {
  readonly total: number;
  readonly restored: number;
  readonly side: number;
  readonly asked: number;
}

/** A picture with one damage less. */
export interface Mended {
  readonly picture: PackedRaster;
  /** Where the damage was found, of the picture's size. */
  readonly mask: Mask;
  readonly tiles: Tiles;
  /** At which it was looked for, in order; none where it was seen whole. */
  readonly levels: readonly number[];
  readonly models: readonly ModelUse[];
}

/** A canvas of the coarsest level that has the masks of the general mask network already. */
export interface Looked {
  readonly canvas: Canvas<Session>;
  readonly cut: Cut;
  readonly asked: Cut;
}

/** What is done to one damage. */
interface Plan {
  readonly task: Task;
  readonly entry: ModelEntry;
  readonly ramp: Ramp;
  /** Whether to restore, or only to find. */
  readonly acts: boolean;
}

/**
 * The finest level that is always looked at, by its longest side. Whether finer ones have damage left is told from samples.
 */
export const ALWAYS_SIDE = 1280;

/** From which extent on a shake is restored at a coarser level: there it is half as long. */
const LARGEST_EXTENT = 0.7;

/** How far each pixel is restored, from the caller's settings and the model's manifest. */
export function rampOf(
  { engine, settings: { threshold, strength } }: Job,
  task: Task,
): Ramp {
  const entry = engine.find({ kind: "restore", task });
  return {
    // The manifest's check has seen that a restorer's are not null.
    threshold: threshold ?? entry.threshold!,
    softness: entry.softness!,
    strength,
  };
}

/**
 * Finds one damage and, where `acts`, restores it.
 *
 * @param looked The coarsest level where the general mask network has seen it, `null` where it has not.
 * @throws {LimpidError} `model-missing`, `model-corrupt`, `device-failed`, `out-of-memory`, `aborted`
 */
export async function mend(
  job: Job,
  pyramid: Pyramid,
  task: Task,
  acts: boolean,
  looked: Looked | null,
): Promise<Mended> {
  const { engine } = job;
  const entry = engine.find({ kind: "restore", task });
  const plan = { task, entry, ramp: rampOf(job, task), acts };
  if (entry.whole !== undefined) return await mendWhole(job, pyramid, plan);
  const own = engine.ownMask(task);
  if (own !== undefined && givesExtent(engine.find(own))) {
    return await mendExtent(job, pyramid, plan);
  }
  return await mendLevels(job, pyramid, plan, looked);
}

/** What a level has after its turn. */
interface Level {
  readonly index: number;
  /** `null` where nothing was restored. */
  readonly restoration: Restoration | null;
  readonly mask: Mask;
  readonly tiles: Tiles;
  readonly models: readonly ModelUse[];
}

/** From the coarsest level to the finest that has damage left. */
async function mendLevels(
  job: Job,
  pyramid: Pyramid,
  plan: Plan,
  looked: Looked | null,
): Promise<Mended> {
  const { settings } = job;
  let before = null as Level | null;
  const done: Level[] = [];
  for (let index = pyramid.coarsest; index >= 0; index--) {
    const size = pyramid.sizes[index]!;
    const finer = Math.max(size.width, size.height) > ALWAYS_SIDE;
    if (finer && !plan.acts) break;
    const arrived = await arrive(job, pyramid, index, before, plan);
    if (finer && !await showsDamage(job, arrived.picture, plan)) break;
    const user = userMask(settings.mask, size, index === pyramid.coarsest);
    const reuse = index === pyramid.coarsest ? looked : null;
    const level: Level = reuse === null
      ? await withCanvas(
        job,
        arrived.picture,
        undefined,
        (canvas) => mendLevel(job, canvas, size, index, plan, user, null),
      )
      : await mendLevel(job, reuse.canvas, size, index, plan, user, reuse);
    const mask = arrived.mask === null
      ? level.mask
      : union(level.mask, arrived.mask);
    const restoration: Restoration | null = level.restoration ??
      (before?.restoration ? restorationOf(arrived.picture) : null);
    before = { ...level, mask, restoration };
    done.push(level);
  }
  const last = before!;
  return {
    ...await finish(job, pyramid, last, plan),
    tiles: together(done.map(({ tiles }) => tiles)),
    levels: done.map(({ index }) => index),
    models: done.flatMap(({ models }) => models),
  };
}

/** A level with what was done at coarser ones, and their mask. */
async function arrive(
  { engine }: Job,
  pyramid: Pyramid,
  index: number,
  before: Level | null,
  { ramp }: Plan,
): Promise<{ picture: PackedRaster; mask: Mask | null }> {
  const finer = await pyramid.level(index);
  if (before === null) return { picture: finer, mask: null };
  const { restoration, mask } = before;
  if (restoration === null) {
    return { picture: finer, mask: enlargeMask(mask, finer) };
  }
  return await engine.backend.refine({
    finer,
    coarser: await pyramid.level(before.index),
    restored: restoration.data,
    mask,
    shares: shareByByte(ramp),
  });
}

/** Finds the damage at one level and restores it there. */
async function mendLevel(
  job: Job,
  canvas: Canvas<Session>,
  size: Size,
  index: number,
  plan: Plan,
  user: Mask | null,
  looked: Looked | null,
): Promise<Level> {
  const { engine, settings, stopwatch } = job;
  const { task, acts } = plan;
  const found = await stopwatch.time("mask", async () => {
    const own = engine.ownMask(task);
    const models: ModelUse[] = [];
    let { cut, asked } = looked ?? {};
    if (own !== undefined || cut === undefined || asked === undefined) {
      const model = await engine.load(own ?? { kind: "mask" }, settings);
      asked = cutOf(model.entry, settings);
      ({ cut } = await withSmallerTiles(
        size,
        asked,
        (cut) => predictMasks(canvas, size, cut, model, [task], settings),
      ));
      models.push(modelUse(model));
    }
    const { data } = await canvas.mask(task);
    return { mask: { ...size, data }, cut, asked, models };
  });
  const { mask, models } = found;
  if (!acts) {
    const tiles = tilesOf(size, found.cut, found.asked, 0);
    return { index, restoration: null, mask, tiles, models };
  }
  const guidance = { task, ramp: plan.ramp, user };
  const restored = await stopwatch.time(
    "restore",
    () => restoreLevel(job, canvas, size, plan.entry, guidance),
  );
  return { ...restored, index, mask, models: [...models, ...restored.models] };
}

/** Restores what a canvas's mask marks. */
async function restoreLevel(
  { engine, settings }: Job,
  canvas: Canvas<Session>,
  size: Size,
  entry: ModelEntry,
  guidance: Guidance,
): Promise<Pick<Level, "restoration" | "tiles" | "models">> {
  const asked = cutOf(entry, settings);
  const models: ModelUse[] = [];
  const { value, cut } = await withSmallerTiles(size, asked, async (cut) => {
    const tiles = await canvas.beginRestore(cut, guidance);
    if (tiles.length === 0) return null;
    const { task } = guidance;
    const model = await engine.load({ kind: "restore", task }, settings);
    models.splice(0, models.length, modelUse(model));
    return await restoreTiles(canvas, tiles, model, settings);
  });
  const tiles = tilesOf(size, cut, asked, value?.restored ?? 0);
  return { restoration: value, tiles, models };
}

/** Damage that is seen in all of the picture at once, and undone everywhere. */
async function mendWhole(
  job: Job,
  pyramid: Pyramid,
  { task, entry, ramp, acts }: Plan,
): Promise<Mended> {
  const { engine, settings, stopwatch } = job;
  const longest = entry.whole!;
  const picture = await pyramid.level(0);
  const seen = seenSize(picture, longest);
  const cut = { tile: longest, halo: 0 };
  return await withCanvas(job, picture, longest, async (canvas) => {
    const models: ModelUse[] = [];
    const mask = await stopwatch.time("mask", async () => {
      const query = engine.ownMask(task) ?? { kind: "mask" };
      const model = await engine.load(query, settings);
      await predictMasks(canvas, seen, cut, model, [task], settings);
      models.push(modelUse(model));
      const { data } = await canvas.mask(task);
      return { width: picture.width, height: picture.height, data };
    });
    if (!acts) {
      const tiles = tilesOf(seen, cut, cut, 0);
      return { picture, mask, tiles, levels: [], models };
    }
    const guidance = { task, ramp, user: settings.mask };
    const done = await stopwatch.time("restore", async () => {
      const tiles = await canvas.beginRestore(cut, guidance);
      if (tiles.length === 0) return null;
      const model = await engine.load({ kind: "restore", task }, settings);
      models.push(modelUse(model));
      return await restoreTiles(canvas, tiles, model, settings);
    });
    return {
      picture: done === null ? picture : await packed(picture, done),
      mask,
      tiles: tilesOf(seen, cut, cut, done?.restored ?? 0),
      levels: [],
      models,
    };
  });
}

/** A shake, whose extent is one number: restored at the finest level at which it is short enough to be known. */
async function mendExtent(
  job: Job,
  pyramid: Pyramid,
  plan: Plan,
): Promise<Mended> {
  const { engine, settings, stopwatch } = job;
  const { task, acts, entry, ramp } = plan;
  const model = await engine.load(engine.ownMask(task)!, settings);
  // Its own tiles, whatever is asked for: they take little memory, and what it says depends on where they lie.
  const cut = cutOf(model.entry);
  let index = pyramid.coarsest;
  const levels: number[] = [];
  for (;;) {
    levels.push(index);
    const at = index;
    const size = pyramid.sizes[at]!;
    const step = await withCanvas(
      job,
      await pyramid.level(at),
      undefined,
      async (canvas): Promise<Level | number> => {
        const extent = await stopwatch.time(
          "mask",
          () => predictExtent(canvas, size, cut, model, task, settings),
        );
        // Half as coarse, a shake is twice as long.
        if (at > 0 && 2 * extent <= LARGEST_EXTENT) return at - 1;
        const { data } = await canvas.mask(task);
        const mask = { ...size, data };
        const user = userMask(settings.mask, size, pyramid.coarsest === 0);
        const models = [modelUse(model)];
        if (!acts) {
          const tiles = tilesOf(size, cut, cut, 0);
          return { index: at, restoration: null, mask, tiles, models };
        }
        const restored = await stopwatch.time(
          "restore",
          () => restoreLevel(job, canvas, size, entry, { task, ramp, user }),
        );
        return {
          ...restored,
          index: at,
          mask,
          models: [...models, ...restored.models],
        };
      },
    );
    if (typeof step === "number") {
      index = step;
      continue;
    }
    return {
      ...await finish(job, pyramid, step, plan),
      tiles: step.tiles,
      levels,
      models: step.models,
    };
  }
}

/** The picture itself with what was done at the last level, limited by the caller's mask. */
async function finish(
  job: Job,
  pyramid: Pyramid,
  last: Level,
  plan: Plan,
): Promise<Pick<Mended, "picture" | "mask">> {
  const picture = await pyramid.level(0);
  const { restoration, mask } = last;
  if (pyramid.coarsest === 0) {
    // The restorer's own pass has heeded the caller's mask.
    return {
      picture: restoration === null
        ? picture
        : await packed(picture, restoration),
      mask,
    };
  }
  const done = last.index > 0
    ? await arrive(job, pyramid, 0, last, plan)
    : restoration === null
    ? { picture, mask }
    : { picture: await packed(picture, restoration), mask };
  return {
    picture: limited(picture, done.picture, job.settings.mask),
    mask: done.mask!,
  };
}

function packed(
  { width, height }: Size,
  { data }: Restoration,
): Promise<PackedRaster> {
  return pack({ width, height, data });
}

/** A level that has nothing of its own to restore, as coarser ones left it. */
function restorationOf({ data }: PackedRaster): Restoration {
  return { data: new Uint8ClampedArray(data), changed: 0, restored: 0 };
}

/**
 * The caller's mask for a level. A reduced one only says which pixels may be touched at all: how far, is seen to once
 * all levels are done, in `limited`.
 */
function userMask(
  mask: Mask | null,
  size: Size,
  only: boolean,
): Mask | null {
  if (mask === null || (only && mask.width === size.width)) return mask;
  const { data } = reduceMask(mask, size);
  return { ...size, data: data.map((value) => value > 0 ? 255 : 0) };
}

/** I + u (J - I) with the caller's mask u, so that nothing beside it is touched. */
function limited(
  before: PackedRaster,
  after: PackedRaster,
  user: Mask | null,
): PackedRaster {
  if (user === null || after === before) return after;
  const data = new Uint8ClampedArray(new SharedArrayBuffer(after.data.length));
  for (let i = 0; i < user.data.length; i++) {
    const share = user.data[i]! / 255;
    for (let at = 4 * i; at < 4 * i + 4; at++) {
      data[at] = before.data[at]! +
        share * (after.data[at]! - before.data[at]!);
    }
  }
  const { width, height } = after;
  return { width, height, data, pixels: new Uint32Array(data.buffer) };
}

/** Of two masks of the same size, the greater at every pixel. */
export function union(a: Mask, b: Mask): Mask {
  return { ...a, data: a.data.map((value, i) => Math.max(value, b.data[i]!)) };
}

/** Tiles of one level. */
export function tilesOf(
  size: Size,
  cut: Cut,
  asked: Cut,
  restored: number,
): Tiles {
  const { total } = new TilePlan(size.width, size.height, cut);
  return { total, restored, side: cut.tile, asked: asked.tile };
}

/** Tiles of several levels or damages, counted together; their sides are those of the last. */
export function together(all: readonly Tiles[]): Tiles {
  const last = all.at(-1)!;
  const sum = (of: (tiles: Tiles) => number): number =>
    all.reduce((total, tiles) => total + of(tiles), 0);
  return {
    ...last,
    total: sum(({ total }) => total),
    restored: sum(({ restored }) => restored),
  };
}
