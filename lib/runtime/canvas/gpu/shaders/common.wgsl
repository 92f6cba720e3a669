// Stands before every program.

/// The samples around a place, and how far it is from `low` to `high`.
struct Corners {
  low: vec2u,
  high: vec2u,
  t: vec2f,
}

/// Where pixel `at` lies among `size` samples, `scale` of them a pixel; beyond the outermost they are repeated.
/// Twin: BilinearRows in pixels/bilinear.ts.
fn cornersAt(at: vec2u, scale: vec2f, size: vec2u) -> Corners {
  let place = clamp((vec2f(at) + 0.5) * scale - 0.5, vec2f(0.0), vec2f(size) - 1.0);
  let low = vec2u(floor(place));
  return Corners(low, min(low + 1u, size - 1u), place - floor(place));
}

/// The place that `at` mirrors where it lies beyond the end of a line.
fn mirrored(at: u32, length: u32) -> u32 {
  let period = max(1u, 2u * (length - 1u));
  let place = at % period;
  return select(period - place, place, place < length);
}

fn colour(pixel: u32) -> vec3f {
  return vec3f(vec3u(pixel & 255u, pixel >> 8u & 255u, pixel >> 16u & 255u));
}

/// A pixel of this colour, 0 to 255, with the alpha of another.
fn withColour(pixel: u32, value: vec3f) -> u32 {
  let result = vec3u(round(clamp(value, vec3f(0.0), vec3f(255.0))));
  return result.x | result.y << 8u | result.z << 16u | (pixel & 0xff000000u);
}
