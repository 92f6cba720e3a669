/** How one damage is to be restored, and the result. */
import type { ModelEntry } from "../models/manifest.ts";
import type { MaskCurve } from "../pixels/mask.ts";
import type { DeviceImage } from "../runtime/backend.ts";
import type { Mask, ModelUse, Task } from "../types.ts";
import type { Job } from "./job.ts";
import type { TileCounts } from "./tile_counts.ts";

/** How one damage is to be restored. */
export interface DamagePlan {
  readonly task: Task;
  /** The restorer's manifest entry. */
  readonly entry: ModelEntry;
  readonly curve: MaskCurve;
  /** Whether to restore, or only to find. */
  readonly restores: boolean;
}

/** An image after one damage was restored: the one given, or a new one. */
export interface DamageResult {
  readonly image: DeviceImage;
  /** Where the damage was found, of the image's size. */
  readonly mask: Mask;
  readonly tiles: TileCounts;
  /**
   * The levels at which it was looked for, in order; none where a network saw
   * the whole image.
   */
  readonly levels: readonly number[];
  readonly models: readonly ModelUse[];
}

/** How far each pixel is restored, from the caller's settings and the restorer's manifest entry. */
export function maskCurveOf(
  { loaded, settings: { threshold, strength } }: Job,
  task: Task,
): MaskCurve {
  const entry = loaded.find({ kind: "restore", task });
  return {
    // The manifest check ensures that a restorer's are not null.
    threshold: threshold ?? entry.threshold!,
    softness: entry.softness!,
    strength,
  };
}
