// Begins the sums of a row of tiles: copies what it shares with the row before, 0 elsewhere.
// Twin: TileBlend.begin in tile_blend.ts. Rectangles are x, y, width, height.
struct Params {
  old: vec4u,
  fresh: vec4u,
  more: vec4u, // channels, whether there is a line before
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> before: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.fresh.z || id.y >= p.fresh.w) { return; }
  let place = p.fresh.xy + id.xy;
  let shared_pixel = p.more.y != 0u && all(place >= p.old.xy) &&
    all(place < p.old.xy + p.old.zw);
  for (var c = 0u; c < p.more.x; c++) {
    var sum = 0.0;
    if (shared_pixel) {
      let at = place - p.old.xy;
      sum = before[(c * p.old.w + at.y) * p.old.z + at.x];
    }
    sums[(c * p.fresh.w + id.y) * p.fresh.z + id.x] = sum;
  }
}
