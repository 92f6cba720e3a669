/** Which degradation the whole picture suffers from, gathered tile by tile. */
import { CLASSES, type Verdict } from "./types.ts";
import type { Span } from "./tiles.ts";

/** Numbers that the mask network gives for every cell of 16 by 16 pixels, a plane for each class. */
export interface TileEvidence {
  readonly evidence: Float32Array;
  readonly attention: Float32Array;
  /** Cells of the tile across and down. */
  readonly width: number;
  readonly height: number;
}

/**
 * Pools evidence over the picture: class c scores
 * sum_i softmax_i(attention[c, i]) * evidence[c, i] over all cells i. Numerator
 * and denominator of that softmax are sums, relative to the largest attention
 * so far, so tiles add up to what the untiled picture gives.
 */
export class VerdictPool {
  readonly #largest = new Float64Array(CLASSES.length).fill(-Infinity);
  readonly #numerator = new Float64Array(CLASSES.length);
  readonly #denominator = new Float64Array(CLASSES.length);

  /**
   * Adds the cells of a tile that count for it.
   *
   * @param across,down Cells, numbered from the tile's own corner.
   */
  add(tile: TileEvidence, across: Span, down: Span): void {
    const { evidence, attention, width, height } = tile;
    for (let c = 0; c < CLASSES.length; c++) {
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

  /** What a class scores. */
  score(name: Verdict): number {
    const c = CLASSES.indexOf(name);
    return this.#numerator[c]! / this.#denominator[c]!;
  }

  /** Probability of every class: softmax over the classes' scores; sums to 1. */
  probabilities(): Record<Verdict, number> {
    const scores = CLASSES.map((name) => this.score(name));
    const largest = Math.max(...scores);
    const shares = scores.map((score) => Math.exp(score - largest));
    const sum = shares.reduce((a, b) => a + b);
    return Object.fromEntries(
      CLASSES.map((name, c) => [name, shares[c]! / sum]),
    ) as Record<Verdict, number>;
  }
}

/** The most probable class. */
export function mostProbable(
  probabilities: Readonly<Record<Verdict, number>>,
): Verdict {
  return CLASSES.reduce((best, name) =>
    probabilities[name] > probabilities[best] ? name : best
  );
}
