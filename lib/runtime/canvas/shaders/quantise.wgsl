// Rounds the finished masks of a row from 0..1 to bytes: planes of words, a word for a pixel of four channels.
// Twin: quantise in array_canvas.ts. Rectangles are x, y, width, height.
struct Params {
  area: vec4u, // what `sums` holds
  done: vec4u,
  more: vec4u, // channels
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> masks: array<u32>; // planes of `done`

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.done.z || id.y >= p.done.w) { return; }
  let place = p.done.xy + id.xy;
  let at = place - p.area.xy;
  for (var first = 0u; first < p.more.x; first += 4u) {
    var packed = 0u;
    for (var c = first; c < min(first + 4u, p.more.x); c++) {
      let value = sums[(c * p.area.w + at.y) * p.area.z + at.x];
      packed |= u32(round(clamp(value, 0.0, 1.0) * 255.0)) << (8u * (c - first));
    }
    masks[(first / 4u * p.done.w + id.y) * p.done.z + id.x] = packed;
  }
}
