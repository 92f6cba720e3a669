// Averages an image to a smaller size: each pixel is the mean of those that it covers; opaque.
// Twin: reduceImage in reduce.ts.
struct Params {
  whole: vec4u, // width, height of the image
  small: vec4u, // width, height of the result
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> pixels: array<u32>;
@group(0) @binding(2) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.small.x || id.y >= p.small.y) { return; }
  let low = id.xy * p.whole.xy / p.small.xy;
  let high = ((id.xy + 1u) * p.whole.xy + p.small.xy - 1u) / p.small.xy;
  var sum = vec3u(0u);
  for (var y = low.y; y < high.y; y++) {
    for (var x = low.x; x < high.x; x++) {
      let pixel = pixels[y * p.whole.x + x];
      sum += vec3u(pixel & 255u, pixel >> 8u & 255u, pixel >> 16u & 255u);
    }
  }
  let area = (high.x - low.x) * (high.y - low.y);
  let mean = (2u * sum + area) / (2u * area); // halves up
  output[id.y * p.small.x + id.x] = mean.x | mean.y << 8u | mean.z << 16u | 0xff000000u;
}
