// Joins parts of an image, evenly spread over it, to a small image.
// Twin: samplesOf in pixels/samples.ts.
struct Params {
  whole: vec4u,   // width, height of the image
  samples: vec4u, // width, height of all samples together
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> pixels: array<u32>;
@group(0) @binding(2) var<storage, read_write> samples: array<u32>;

const GRID = 3u; // samples across and down

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.samples.x || id.y >= p.samples.y) { return; }
  let side = p.samples.xy / GRID;
  let sample = id.xy / side;
  let start = ((2u * sample + 1u) * p.whole.xy - p.samples.xy) / (2u * GRID);
  let place = start + id.xy % side;
  samples[id.y * p.samples.x + id.x] = pixels[place.y * p.whole.x + place.x];
}
