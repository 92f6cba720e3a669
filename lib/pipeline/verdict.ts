/** Computes the probability of each damage in the whole image, tile by tile. */
import type { Span } from "../tiling/tile_plan.ts";
import {
  type Probabilities,
  type Task,
  TASKS,
  type Verdict,
} from "../types.ts";

/**
 * The mask network's outputs for every cell of 16 by 16 pixels, a plane for
 * each of its channels.
 */
export interface TileEvidence {
  readonly evidence: Float32Array;
  readonly attention: Float32Array;
  /** Cells of the tile across and down. */
  readonly width: number;
  readonly height: number;
}

/**
 * Pools evidence over the image. The score of damage c is
 * sum_i softmax_i(attention[c, i]) * evidence[c, i] over all cells i. Numerator
 * and denominator of that softmax are running sums relative to the largest
 * attention so far, so tiled and untiled results agree.
 */
export class AttentionPooling {
  readonly #channels: readonly string[];
  readonly #largest: Float64Array;
  readonly #numerator: Float64Array;
  readonly #denominator: Float64Array;

  /** @param channels What each plane is for. */
  constructor(channels: readonly string[]) {
    this.#channels = channels;
    this.#largest = new Float64Array(channels.length).fill(-Infinity);
    this.#numerator = new Float64Array(channels.length);
    this.#denominator = new Float64Array(channels.length);
  }

  /**
   * Adds the cells that a tile contributes.
   *
   * @param across,down Ranges of cells, numbered from the tile's corner.
   */
  add(tile: TileEvidence, across: Span, down: Span): void {
    const { evidence, attention, width, height } = tile;
    for (let c = 0; c < this.#channels.length; c++) {
      for (let y = down.from; y < down.to; y++) {
        const row = (c * height + y) * width;
        for (let i = row + across.from; i < row + across.to; i++) {
          this.#addCell(c, evidence[i]!, attention[i]!);
        }
      }
    }
  }

  #addCell(c: number, evidence: number, attention: number): void {
    const largest = this.#largest[c]!;
    if (attention > largest) {
      const scale = Math.exp(largest - attention);
      this.#numerator[c]! *= scale;
      this.#denominator[c]! *= scale;
      this.#largest[c] = attention;
    }
    const share = Math.exp(attention - this.#largest[c]!);
    this.#numerator[c]! += share * evidence;
    this.#denominator[c]! += share;
  }

  /**
   * The probability of a damage, 0..1, independent of the others: the sigmoid
   * of its score; 0 for a damage without a plane.
   */
  probability(task: Task): number {
    const c = this.#channels.indexOf(task);
    if (c < 0) return 0;
    const score = this.#numerator[c]! / this.#denominator[c]!;
    return 1 / (1 + Math.exp(-score));
  }

  /** The probabilities of every damage, and of none. */
  probabilities(): Probabilities {
    return probabilitiesOf((task) => this.probability(task));
  }
}

/** Probabilities of every damage; `clean` is 1 minus the largest. */
export function probabilitiesOf(of: (task: Task) => number): Probabilities {
  const each = TASKS.map((task) => [task, of(task)] as const);
  const most = Math.max(...each.map(([, probability]) => probability));
  return Object.fromEntries([...each, ["clean", 1 - most]]) as Record<
    Verdict,
    number
  >;
}

/** Combines two looks at the same image: the larger probability counts. */
export function either(a: Probabilities, b: Probabilities): Probabilities {
  return probabilitiesOf((task) => Math.max(a[task], b[task]));
}

/** The damages at least as probable as `least`, the most probable first. */
export function likely(
  probabilities: Probabilities,
  least: number,
): readonly Task[] {
  return TASKS.filter((task) => probabilities[task] >= least)
    .sort((a, b) => probabilities[b] - probabilities[a]);
}
