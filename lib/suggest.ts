/** Suggests the word that a mistyped one was probably meant to be. */

/** ` (did you mean WORD?)`, or an empty text where no word is similar. */
export function suggestion(typed: string, words: readonly string[]): string {
  // "gpu" means webgpu, although cpu has the smaller edit distance.
  const part = typed.length < 3
    ? undefined
    : words.find((word) => word.includes(typed.toLowerCase()));
  const [near] = words
    .map((word) => ({ word, distance: distance(typed, word) }))
    .filter(({ distance, word }) => distance <= Math.max(2, word.length / 3))
    .sort((a, b) => a.distance - b.distance);
  const best = near?.distance === 0 ? near.word : part ?? near?.word;
  return best === undefined ? "" : ` (did you mean ${best}?)`;
}

/** Levenshtein distance. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= to.length; j++) {
      next[j] = Math.min(
        next[j - 1]! + 1,
        row[j]! + 1,
        row[j - 1]! + (letter === to[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[to.length]!;
}
