// Averages the shares of damaged_detail.wgsl over 3x3 pixels, and takes chance off.
// Twin: damagedDetail in pixels/damaged_detail.ts.
struct Params { size: vec4u } // width, height
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> shares: array<f32>;
@group(0) @binding(2) var<storage, read_write> averaged: array<f32>;

const CHANCE = 0.2;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= p.size.xy)) { return; }
  var sum = 0.0;
  var count = 0.0;
  for (var dy = -1; dy <= 1; dy++) {
    for (var dx = -1; dx <= 1; dx++) {
      let at = vec2i(id.xy) + vec2i(dx, dy);
      if (any(at < vec2i(0)) || any(at >= vec2i(p.size.xy))) { continue; }
      sum += shares[u32(at.y) * p.size.x + u32(at.x)];
      count += 1.0;
    }
  }
  averaged[id.y * p.size.x + id.x] = max(0.0, (sum / count - CHANCE) / (1.0 - CHANCE));
}
