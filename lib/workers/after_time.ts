/** Calls `late` where work goes on for `ms`; until disposed of. */
export function afterTime(ms: number, late: () => void): Disposable {
  const timer = setTimeout(late, ms);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
