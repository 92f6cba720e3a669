// Writes I + s (J' - I), s the weight, for the finished part of a row; s = 0 keeps the bytes.
// Twin: composite in array_canvas.ts. Rectangles are x, y, width, height.
struct Params {
  area: vec4u, // what `sums` holds
  done: vec4u,
  band: vec4u, // what `pixels`, `mask` and `user` hold
  kept: vec4u, // what `output` holds
  more: vec4u, // whether there is a caller's mask
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read> mask: array<u32>;   // four pixels each
@group(0) @binding(3) var<storage, read> user: array<u32>;   // four pixels each
@group(0) @binding(4) var<storage, read> shares: array<f32>; // by the mask's byte
@group(0) @binding(5) var<storage, read> pixels: array<u32>;
@group(0) @binding(6) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.done.z || id.y >= p.done.w) { return; }
  let place = p.done.xy + id.xy;
  let at = (place.y - p.band.y) * p.band.z + place.x - p.band.x;
  let shift = 8u * (at % 4u);
  var share = shares[mask[at / 4u] >> shift & 255u];
  if (p.more.x != 0u) {
    share *= f32(user[at / 4u] >> shift & 255u) / 255.0;
  }
  let pixel = pixels[at];
  let to = (place.y - p.kept.y) * p.kept.z + place.x - p.kept.x;
  if (share == 0.0) {
    output[to] = pixel;
    return;
  }
  let inside = place - p.area.xy;
  var result = pixel & 0xff000000u; // alpha as it came
  for (var c = 0u; c < 3u; c++) {
    let before = f32(pixel >> (8u * c) & 255u);
    let after = sums[(c * p.area.w + inside.y) * p.area.z + inside.x] * 255.0;
    let value = clamp(before + share * (after - before), 0.0, 255.0);
    result |= u32(round(value)) << (8u * c);
  }
  output[to] = result;
}
