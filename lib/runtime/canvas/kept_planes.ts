/** Which planes of a mask network's output a canvas sums. */
import type { Task } from "../../types.ts";
import type { MaskPass } from "./canvas.ts";

/** A run of planes, from the first that is kept to the last. */
export interface KeptPlanes {
  readonly first: number;
  /** Whose mask each of them is; `null` for one that is not kept. */
  readonly tasks: readonly (Task | null)[];
}

/** The shortest run of planes that has all that are kept. */
export function keptPlanes({ channels, kept }: MaskPass): KeptPlanes {
  if (kept.length === 0) return { first: 0, tasks: [] };
  const indices = kept.map((task) => channels.indexOf(task));
  const first = Math.min(...indices);
  const run = channels.slice(first, Math.max(...indices) + 1);
  return {
    first,
    tasks: run.map((name) => kept.find((task) => task === name) ?? null),
  };
}
