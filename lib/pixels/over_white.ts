/** A channel of a pixel composited over white; all are 0..255. */
export function overWhite(value: number, alpha: number): number {
  return 255 - Math.round((255 - value) * alpha / 255);
}
