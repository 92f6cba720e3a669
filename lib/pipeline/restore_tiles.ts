/**
 * The second loop over the tiles: restores those with damage and blends them
 * into the image.
 */
import type { DeviceImage, Session } from "../runtime/backend.ts";
import type { Canvas, TileIndex } from "../runtime/canvas/canvas.ts";
import type { Model } from "./loaded_models.ts";
import { checkAborted, type JobControl, progressOf } from "../job_control.ts";

/** What was restored. */
export interface Restoration {
  readonly image: DeviceImage;
  /** Tiles that the network ran on. */
  readonly restored: number;
}

/**
 * Restores tiles of a canvas whose restoring pass was begun.
 *
 * @param tiles Those with damage, as the canvas named them.
 * @throws {LimpidError} `aborted`, `model-corrupt`, `device-failed`, `out-of-memory`
 */
export async function restoreTiles(
  canvas: Canvas<Session, DeviceImage>,
  tiles: readonly TileIndex[],
  { session }: Model,
  control: JobControl,
): Promise<Restoration> {
  const tell = (done: number): void =>
    control.onProgress(progressOf("restore", done, tiles.length));
  if (tiles.length > 0) tell(0);
  for (const [done, tile] of tiles.entries()) {
    checkAborted(control);
    await canvas.restoreTile(tile, session);
    tell(done + 1);
  }
  return { image: await canvas.composite(), restored: tiles.length };
}
