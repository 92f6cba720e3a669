/**
 * Converts samples of cyan, magenta, yellow and black (255 is full ink) to
 * opaque RGBA, in place and without a colour profile:
 * r = (255 - c)(255 - k) / 255.
 */
export function lightThroughInks(data: Uint8Array | Uint8ClampedArray): void {
  for (let at = 0; at < data.length; at += 4) {
    const light = 255 - data[at + 3]!;
    for (let c = 0; c < 3; c++) {
      data[at + c] = Math.round((255 - data[at + c]!) * light / 255);
    }
    data[at + 3] = 255;
  }
}
