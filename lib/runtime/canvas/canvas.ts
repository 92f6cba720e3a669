/**
 * An image on the device where the networks run, and what the two loops over
 * its tiles ask for: pixels go there once, and come back once.
 */
import type { MaskCurve } from "../../pixels/mask.ts";
import type { TileSize } from "../../tiling/tile_plan.ts";
import type { CanvasTimes, Mask, Task } from "../../types.ts";

/** A tile of the cut: which line of `TilePlan.lines()`, which of the line's tiles. */
export interface TileIndex {
  readonly line: number;
  readonly tile: number;
}

/** What speaks for each damage: a plane for each channel of the network, one number for 16 by 16 pixels of the tile. */
export interface Evidence {
  readonly evidence: Float32Array<ArrayBuffer>;
  readonly attention: Float32Array<ArrayBuffer>;
}

/** A mask as bytes. */
export interface MaskPlane {
  readonly data: Uint8Array<ArrayBuffer>;
  /** How many pixels have each value. */
  readonly counts: Uint32Array<ArrayBuffer>;
}

/** The pass of a mask network. */
export interface MaskPass {
  /** What each plane of its outputs is for. */
  readonly channels: readonly string[];
  /** Whose masks to keep; none where only evidence is asked for. */
  readonly kept: readonly Task[];
}

/** What is restored, and how far. */
export interface Guidance {
  readonly task: Task;
  readonly curve: MaskCurve;
  /** The caller's own mask, of the image's size. */
  readonly user: Mask | null;
}

/**
 * An image on a device. First the masks, tile by tile in the order of the
 * cut's lines, then the restoration of those tiles that need it, in the same
 * order. Beginning a pass anew, with other tiles say, forgets the one before.
 *
 * Its calls throw `LimpidError`s: `out-of-memory` where smaller tiles may
 * do, `model-corrupt`, `device-failed`.
 *
 * @typeParam N A loaded network.
 * @typeParam I An image on the device.
 */
export interface Canvas<N, I> {
  /** Begins the pass of the mask network. */
  beginMasks(cut: TileSize, pass: MaskPass): Promise<void>;
  maskTile(at: TileIndex, network: N): Promise<void>;
  /** A tile of a network that gives no mask. */
  evidenceTile(at: TileIndex, network: N): Promise<void>;
  /** What the tiles of the pass gave, in the order in which they came; once. */
  evidence(): Promise<readonly Evidence[]>;
  /** Makes the mask of a task the same everywhere; `value` in 0..1. */
  fillMask(task: Task, value: number): Promise<void>;
  /**
   * Ends the pass. Masks are rounded to bytes here and nowhere else:
   * restorer, composite and caller see the same numbers.
   *
   * @param task One of those whose masks were kept.
   */
  mask(task: Task): Promise<MaskPlane>;
  /**
   * Begins the pass of the restorer; its mask was asked for.
   *
   * @returns the tiles in which something is to be restored where they count:
   * those, and no others, are to come, in this order
   */
  beginRestore(
    cut: TileSize,
    guidance: Guidance,
  ): Promise<readonly TileIndex[]>;
  restoreTile(at: TileIndex, network: N): Promise<void>;
  /**
   * Ends the pass.
   *
   * @returns the restored image: where nothing was to be restored, and in alpha
   * everywhere, it has the image's bytes
   */
  composite(): Promise<I>;
  /** Frees what the canvas made for itself; says what took how long. */
  close(): Promise<CanvasTimes>;
}
