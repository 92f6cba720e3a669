// Enlarges a mask bilinearly.
// Twin: enlargeMask in pixels/bilinear.ts.
struct Params {
  larger: vec4u,  // width, height
  smaller: vec4u, // width, height
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> mask: array<u32>; // four pixels each
@group(0) @binding(2) var<storage, read_write> enlarged: array<u32>; // four pixels each

fn damage(x: u32, y: u32) -> f32 {
  let at = y * p.smaller.x + x;
  return f32(mask[at / 4u] >> (8u * (at % 4u)) & 255u);
}

fn damageAt(to: u32) -> u32 {
  let at = vec2u(to % p.larger.x, to / p.larger.x);
  let around = cornersAt(at, vec2f(p.smaller.xy) / vec2f(p.larger.xy), p.smaller.xy);
  let low = around.low;
  let high = around.high;
  let left = mix(damage(low.x, low.y), damage(low.x, high.y), around.t.y);
  let right = mix(damage(high.x, low.y), damage(high.x, high.y), around.t.y);
  return u32(round(mix(left, right, around.t.x)));
}

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let pixels = p.larger.x * p.larger.y;
  let first = 4u * (id.y * LINE + id.x);
  if (first >= pixels) { return; }
  var packed = 0u;
  for (var i = 0u; i < min(4u, pixels - first); i++) {
    packed |= damageAt(first + i) << (8u * i);
  }
  enlarged[first / 4u] = packed;
}
