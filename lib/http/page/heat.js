/** Heat maps of damage. */

/** The colour map "inferno", as of the command line's heat maps. */
const INFERNO = [
  "000004",
  "1e0c45",
  "510e6c",
  "801f6c",
  "b0315b",
  "d94d3d",
  "f47918",
  "fcb014",
  "f2ea69",
  "fcffa4",
];

/** Longest side of the canvas: no screen shows more, and phones refuse a canvas of more than 16 megapixels. */
const MAX_SIDE = 2048;

/** The last call. */
let latest = null;

/** Paints a grey mask on a canvas with the colour map; faint damage is transparent. */
export async function drawHeat(canvas, mask) {
  const mine = latest = {};
  const bitmap = await createImageBitmap(mask);
  // Another photograph's was asked for meanwhile.
  if (mine !== latest) return bitmap.close();
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) =>
    Math.max(1, Math.round(scale * side))
  );
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const pixels = context.getImageData(0, 0, width, height);
  const { data } = pixels;
  const colours = Array.from(
    { length: 256 },
    (_, value) => colour(value / 255),
  );
  for (let at = 0; at < data.length; at += 4) {
    const value = data[at];
    data.set(colours[value], at);
    data[at + 3] = 230 * Math.sqrt(value / 255);
  }
  context.putImageData(pixels, 0, 0);
}

/** Red, green and blue of a share, 0 to 1. */
function colour(share) {
  const place = share * (INFERNO.length - 1);
  const low = Math.floor(place), high = Math.min(low + 1, INFERNO.length - 1);
  return [0, 2, 4].map((i) => {
    const [a, b] = [low, high].map((n) =>
      parseInt(INFERNO[n].slice(i, i + 2), 16)
    );
    return a + (b - a) * (place - low);
  });
}
