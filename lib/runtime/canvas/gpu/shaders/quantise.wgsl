// Rounds the finished masks of a row from 0..1 to bytes: a plane for each channel, a word for four pixels.
// Twin: quantise in array_canvas.ts. Rectangles are x, y, width, height.
struct Params {
  area: vec4u, // what `sums` holds
  done: vec4u,
  more: vec4u, // channels, first word of `masks`
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> masks: array<u32>; // planes of `done`, and of other rows

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let pixels = p.done.z * p.done.w;
  let words = (pixels + 3u) / 4u;
  let word = id.y * LINE + id.x;
  if (word >= words) { return; }
  for (var c = 0u; c < p.more.x; c++) {
    var packed = 0u;
    for (var i = 0u; i < min(4u, pixels - 4u * word); i++) {
      let pixel = 4u * word + i;
      let at = p.done.xy - p.area.xy + vec2u(pixel % p.done.z, pixel / p.done.z);
      let value = sums[(c * p.area.w + at.y) * p.area.z + at.x];
      packed |= u32(round(clamp(value, 0.0, 1.0) * 255.0)) << (8u * i);
    }
    masks[p.more.y + c * words + word] = packed;
  }
}
