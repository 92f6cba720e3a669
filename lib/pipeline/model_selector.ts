/** Chooses models of a store. */
import { DEVICE_TABLE } from "../devices.ts";
import type { Backend } from "../runtime/backend.ts";
import { givesExtent, type ModelEntry, type Size } from "../models/manifest.ts";
import { tileSizeInHalf } from "../tiling/tile_size.ts";
import { fits, type ModelQuery, type Store } from "../models/store.ts";

/** A store, and the model size to prefer. */
export class ModelSelector implements Disposable {
  readonly store: Store;
  readonly #size: Size | "auto";

  /** @param size Preferred size; `auto`: the one that suits the device. */
  constructor(store: Store, size: Size | "auto") {
    this.store = store;
    this.#size = size;
  }

  /**
   * The size preferred on a device: `large` where that takes seconds, `small`
   * where it would take minutes.
   */
  sizeOn({ device, software }: Pick<Backend, "device" | "software">): Size {
    if (this.#size !== "auto") return this.#size;
    return software ? "small" : DEVICE_TABLE[device].size;
  }

  /**
   * The model of the preferred size, else one of another size; its tiles suit
   * the numbers in which the device computes.
   *
   * @throws {LimpidError} `model-missing`
   */
  find(
    query: ModelQuery,
    on: Pick<Backend, "device" | "software" | "half">,
  ): ModelEntry {
    const { size = this.sizeOn(on), ...rest } = query;
    const wanted = { ...rest, device: on.device };
    const preferred = { ...wanted, size };
    const entry = this.store.find(this.has(preferred) ? preferred : wanted);
    return on.half ? inHalf(entry) : entry;
  }

  has(query: ModelQuery): boolean {
    return this.store.models.some((model) => fits(model, query));
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}

/**
 * The entry with tiles for fp16. The extent of a blur depends on where tiles
 * lie: those stay, so that all devices agree.
 */
export function inHalf(entry: ModelEntry): ModelEntry {
  if (entry.cut === undefined || givesExtent(entry)) return entry;
  return { ...entry, cut: tileSizeInHalf(entry.cut) };
}
