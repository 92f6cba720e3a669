// Averages an image, or a mask, over the areas of a thumbnail: planes of 0..1.
// Twin: thumbnail and maskThumbnail in pixels/thumbnail.ts.
struct Params {
  whole: vec4u, // width, height of the image
  thumb: vec4u, // side of the thumbnail, channels: 3 for pixels, 1 for a mask
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> values: array<u32>; // a pixel each, or four of a mask
@group(0) @binding(2) var<storage, read_write> means: array<f32>;

fn valueAt(at: u32) -> vec3u {
  if (p.thumb.y == 1u) {
    return vec3u(values[at / 4u] >> (8u * (at % 4u)) & 255u, 0u, 0u);
  }
  let pixel = values[at];
  return vec3u(pixel & 255u, pixel >> 8u & 255u, pixel >> 16u & 255u);
}

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let side = p.thumb.x;
  if (id.x >= side || id.y >= side) { return; }
  let low = id.xy * p.whole.xy / side;
  let high = ((id.xy + 1u) * p.whole.xy + side - 1u) / side;
  var sum = vec3u(0u);
  for (var y = low.y; y < high.y; y++) {
    for (var x = low.x; x < high.x; x++) {
      sum += valueAt(y * p.whole.x + x);
    }
  }
  let full = f32((high.x - low.x) * (high.y - low.y)) * 255.0;
  for (var c = 0u; c < p.thumb.y; c++) {
    means[(c * side + id.y) * side + id.x] = f32(sum[c]) / full;
  }
}
