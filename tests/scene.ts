/** What the tests of the service show it. */
import { grainy, png } from "./images.ts";

/** Half of it damaged by rain, as the models see it. */
export const photo: Uint8Array<ArrayBuffer> = grainy(
  64,
  48,
  (x) => x < 32 ? [255, 40, 40] : [20, 40, 40],
);
/** Nothing to restore. */
export const cleanPhoto: Uint8Array<ArrayBuffer> = png(
  64,
  48,
  () => [20, 40, 40],
);

/** The photograph with a text that has a wrong checksum: a fault that does no harm. */
export const photoWithBadText: Uint8Array<ArrayBuffer> = new Uint8Array([
  ...photo.slice(0, 33), // signature and header
  ...[0, 0, 0, 3, ...new TextEncoder().encode("tEXtA"), 0, 66, 0, 0, 0, 0],
  ...photo.slice(33),
]);

/** Of those who may call, where the service asks for one. */
export const TOKEN = "a-token-of-sixteen-letters-or-more";
