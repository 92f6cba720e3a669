// Adds a tile's planes, weighted, to the sums of its row; counts values that are not finite.
// Twin: TileBlend.add in tile_blend.ts. Rectangles are x, y, width, height.
struct Params {
  area: vec4u, // what `sums` holds
  tile: vec4u,
  span: vec4u, // where the tile's weight is above 0
  more: vec4u, // channels, first channel of `values`
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>; // of the span's columns, then of its rows
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;
@group(0) @binding(4) var<storage, read_write> undefined_values: atomic<u32>; // how many

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.span.z || id.y >= p.span.w) { return; }
  let weight = weights[id.x] * weights[p.span.z + id.y];
  let place = p.span.xy + id.xy;
  let inside = place - p.tile.xy;
  let to = place - p.area.xy;
  for (var c = 0u; c < p.more.x; c++) {
    let value = values[((c + p.more.y) * p.tile.w + inside.y) * p.tile.z + inside.x];
    // By its bits: compilers may assume that comparisons meet no such value.
    if ((bitcast<u32>(value) & 0x7f800000u) == 0x7f800000u) {
      atomicAdd(&undefined_values, 1u);
    }
    sums[(c * p.area.w + to.y) * p.area.z + to.x] += weight * value;
  }
}
