/** The median: the middle value, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [Math.ceil(half) - 1, Math.floor(half)];
  return (sorted[low]! + sorted[high]!) / 2;
}

/** The median of every field of objects that have the same fields. */
export function medians<K extends string>(
  rows: readonly Readonly<Record<K, number>>[],
): Record<K, number> {
  const fields = Object.keys(rows[0]!) as K[];
  return Object.fromEntries(
    fields.map((field) => [field, median(rows.map((row) => row[field]))]),
  ) as Record<K, number>;
}
