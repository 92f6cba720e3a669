// Adds the restoration of the coarser level to the finer one, and enlarges the mask to it.
// Twin: refine in pixels/refine.ts. Where the weight at the enlarged mask is 0 the bytes stay.
struct Params {
  finer: vec4u,   // width, height
  coarser: vec4u, // width, height
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> finer: array<u32>;
@group(0) @binding(2) var<storage, read> coarser: array<u32>;
@group(0) @binding(3) var<storage, read> restored: array<u32>;
@group(0) @binding(4) var<storage, read> mask: array<u32>;   // of the coarser level, four pixels each
@group(0) @binding(5) var<storage, read> shares: array<f32>; // by the mask's byte
@group(0) @binding(6) var<storage, read> detail: array<f32>; // share of the coarser level's detail that is damage
@group(0) @binding(7) var<storage, read_write> output: array<u32>;
@group(0) @binding(8) var<storage, read_write> enlarged: array<u32>; // the mask, four pixels each

/// What is added to the finer level, and the share of it that is taken away first.
fn linear(at: u32) -> vec4f {
  return vec4f(colour(restored[at]) - (1.0 - detail[at]) * colour(coarser[at]), detail[at]);
}
fn damage(at: u32) -> f32 { return f32(mask[at / 4u] >> (8u * (at % 4u)) & 255u); }

/// Writes a pixel of the output; the mask there.
fn refined(to: u32) -> u32 {
  let at = vec2u(to % p.finer.x, to / p.finer.x);
  let around = cornersAt(at, vec2f(p.coarser.xy) / vec2f(p.finer.xy), p.coarser.xy);
  let t = around.t;
  let a = around.low.y * p.coarser.x + around.low.x;
  let b = around.low.y * p.coarser.x + around.high.x;
  let c = around.high.y * p.coarser.x + around.low.x;
  let d = around.high.y * p.coarser.x + around.high.x;
  let found = u32(round(mix(mix(damage(a), damage(c), t.y), mix(damage(b), damage(d), t.y), t.x)));
  let pixel = finer[to];
  if (shares[found] == 0.0) {
    output[to] = pixel;
    return found;
  }
  let done = mix(mix(linear(a), linear(c), t.y), mix(linear(b), linear(d), t.y), t.x);
  output[to] = withColour(pixel, (1.0 - done.w) * colour(pixel) + done.xyz);
  return found;
}

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let pixels = p.finer.x * p.finer.y;
  let first = 4u * (id.y * LINE + id.x);
  if (first >= pixels) { return; }
  var packed = 0u;
  for (var i = 0u; i < min(4u, pixels - first); i++) {
    packed |= refined(first + i) << (8u * i);
  }
  enlarged[first / 4u] = packed;
}
