/**
 * Calls `late` where work goes on for `ms` after its signal has aborted; until
 * disposed of.
 */
export function afterAbort(
  signal: AbortSignal | null,
  ms: number,
  late: () => void,
): Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const left = (): void => void (timer = setTimeout(late, ms));
  signal?.addEventListener("abort", left, { once: true });
  if (signal?.aborted) left();
  return {
    [Symbol.dispose](): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", left);
    },
  };
}
