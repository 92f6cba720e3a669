// How far a correction takes away the structure of the image around each pixel, 0..1, not averaged yet.
// Twin: damagedDetail in pixels/damaged_detail.ts.
struct Params { size: vec4u } // width, height
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> image: array<u32>;
@group(0) @binding(2) var<storage, read> restored: array<u32>;
@group(0) @binding(3) var<storage, read_write> shares: array<f32>;

const WINDOW = 2;
const FLAT = 30.0;

fn luminance(pixel: u32) -> f32 { return dot(colour(pixel), vec3f(0.299, 0.587, 0.114)); }

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= p.size.xy)) { return; }
  var sums = vec4f(0.0); // of I, C, I C, I I
  var count = 0.0;
  for (var dy = -WINDOW; dy <= WINDOW; dy++) {
    for (var dx = -WINDOW; dx <= WINDOW; dx++) {
      let at = vec2i(id.xy) + vec2i(dx, dy);
      if (any(at < vec2i(0)) || any(at >= vec2i(p.size.xy))) { continue; }
      let i = u32(at.y) * p.size.x + u32(at.x);
      let seen = luminance(image[i]);
      let change = luminance(restored[i]) - seen;
      sums += vec4f(seen, change, seen * change, seen * seen);
      count += 1.0;
    }
  }
  let means = sums / count;
  let covariance = means.z - means.x * means.y;
  let variance = means.w - means.x * means.x;
  shares[id.y * p.size.x + id.x] = clamp(-covariance / (variance + FLAT), 0.0, 1.0);
}
