import { type Task, TASKS } from "./types.ts";

/** What a choice of tasks must be, as in "it must be ...". */
export const TASK_LIST = `auto, or some of ${TASKS.join(", ")}, each once`;

/** The tasks of these names; `null` where they are not as {@linkcode TASK_LIST} says. */
export function tasksOf(
  names: readonly unknown[],
): "auto" | readonly Task[] | null {
  if (names.length === 1 && names[0] === "auto") return "auto";
  const tasks = TASKS.filter((task) => names.includes(task));
  const isEachOnce = tasks.length === names.length && tasks.length > 0;
  return isEachOnce ? names as readonly Task[] : null;
}
