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
  let size = vec2f(p.smaller.xy);
  let at = vec2f(vec2u(to % p.larger.x, to / p.larger.x));
  let place = clamp(
    (at + 0.5) * (size / vec2f(p.larger.xy)) - 0.5,
    vec2f(0.0),
    size - 1.0,
  );
  let low = vec2u(floor(place));
  let high = min(low + 1u, p.smaller.xy - 1u);
  let t = place - floor(place);
  let left = mix(damage(low.x, low.y), damage(low.x, high.y), t.y);
  let right = mix(damage(high.x, low.y), damage(high.x, high.y), t.y);
  return u32(round(mix(left, right, t.x)));
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
