/** Synthetic photographs: soft shapes and fine grain, damaged everywhere. */
import { encode } from "../lib/codecs/encode.ts";
import type { Raster, Verdict } from "../lib/types.ts";

/** Side of the textures that images repeat, a power of 2. */
const SIDE = 512;

/** Width and height of an image of about `megapixels`, 3:2. */
export function sizeOf(megapixels: number): { width: number; height: number } {
  const width = Math.max(16, Math.round(Math.sqrt(megapixels * 1.5e6)));
  return { width, height: Math.max(16, Math.round(width / 1.5)) };
}

/** Makes an image as a JPEG file, deterministically. */
export async function imageFile(
  width: number,
  height: number,
  task: Verdict,
): Promise<Uint8Array<ArrayBuffer>> {
  return await encode(paint(width, height, task), {
    format: "jpeg",
    quality: 92,
  });
}

/** The same as pixels. */
export function paint(width: number, height: number, task: Verdict): Raster {
  const data = new Uint8ClampedArray(4 * width * height);
  const scene = task === "blur" ? smeared(fractal(), 15) : fractal();
  const damage = task === "rain" ? streaks() : drops();
  for (let y = 0, to = 0; y < height; y++) {
    const clear = 0.45 + 0.3 * y / height;
    const row = (y & SIDE - 1) * SIDE;
    for (let x = 0; x < width; x++, to += 4) {
      const at = row + (x & SIDE - 1);
      // Repetitions of the texture must differ.
      const light = 60 + 60 * x / width + 110 * scene[at]!;
      const spoiled = damage[at]!;
      for (let c = 0; c < 3; c++) {
        const colour = light * (1 - 0.15 * c) + 30 * c * y / height;
        data[to + c] = task === "rain"
          ? colour + spoiled
          : task === "haze"
          ? colour * clear + 225 * (1 - clear)
          : task === "raindrop"
          ? colour + spoiled * (190 - colour)
          : colour;
      }
      data[to + 3] = 255;
    }
  }
  return { width, height, data };
}

/** Numerical Recipes' linear congruential generator: 0..1, reproducible. */
function* uniform(seed: number): Generator<number, never> {
  let state = seed;
  while (true) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Noise of all scales in about 0..1, strongest at coarse scales. */
function fractal(): Float32Array {
  const random = uniform(1);
  const sum = new Float32Array(SIDE * SIDE);
  for (let cell = 128; cell >= 1; cell /= 2) {
    const cells = SIDE / cell;
    const grid = Float32Array.from(
      { length: cells * cells },
      () => random.next().value * cell / 256,
    );
    for (let y = 0; y < SIDE; y++) {
      const [top, bottom] = [y, y + cell].map((v) =>
        Math.floor(v / cell) % cells * cells
      );
      const v = y % cell / cell;
      for (let x = 0; x < SIDE; x++) {
        const left = Math.floor(x / cell);
        const right = (left + 1) % cells;
        const u = x % cell / cell;
        sum[y * SIDE + x]! +=
          (1 - v) * ((1 - u) * grid[top! + left]! + u * grid[top! + right]!) +
          v * ((1 - u) * grid[bottom! + left]! + u * grid[bottom! + right]!);
      }
    }
  }
  return sum;
}

/** Averages over `length` pixels of a row, like a moving camera. */
function smeared(texture: Float32Array, length: number): Float32Array {
  return texture.map((_, at) => {
    const row = at & ~(SIDE - 1);
    let sum = 0;
    for (let k = 0; k < length; k++) sum += texture[row + (at + k & SIDE - 1)]!;
    return sum / length;
  });
}

/** Bright slanting lines, as grey levels to be added. */
function streaks(): Float32Array {
  const random = uniform(2);
  const texture = new Float32Array(SIDE * SIDE);
  for (let i = 0; i < 700; i++) {
    const [x, y, length, light] = Array.from(
      { length: 4 },
      () => random.next().value,
    );
    for (let k = 0; k < 16 + 24 * length!; k++) {
      const column = Math.floor(x! * SIDE + 0.2 * k) & SIDE - 1;
      const row = Math.floor(y! * SIDE + k) & SIDE - 1;
      texture[row * SIDE + column] = 50 + 70 * light!;
    }
  }
  return texture;
}

/** Discs with soft rims: the share of a pixel that a drop covers. */
function drops(): Float32Array {
  const random = uniform(3);
  const texture = new Float32Array(SIDE * SIDE);
  for (let i = 0; i < 40; i++) {
    const [x, y, size] = Array.from({ length: 3 }, () => random.next().value);
    const radius = 8 + 20 * size!;
    for (let dy = -30; dy <= 30; dy++) {
      for (let dx = -30; dx <= 30; dx++) {
        const share = (radius - Math.hypot(dx, dy)) / 4;
        const at = (Math.floor(y! * SIDE + dy) & SIDE - 1) * SIDE +
          (Math.floor(x! * SIDE + dx) & SIDE - 1);
        texture[at] = Math.max(texture[at]!, Math.min(0.8, share));
      }
    }
  }
  return texture;
}
