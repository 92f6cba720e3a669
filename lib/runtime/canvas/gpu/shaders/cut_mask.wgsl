// Cuts a tile of the mask: bytes to a plane of 0..1, mirrored beyond the right and lower border.
// Twin: maskPlane in planes.ts. Rectangles are x, y, width, height.
struct Params {
  band: vec4u,    // the part of the image that `mask` holds
  tile: vec4u,
  image: vec4u, // width, height
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> mask: array<u32>; // four pixels each
@group(0) @binding(2) var<storage, read_write> plane: array<f32>;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.tile.z || id.y >= p.tile.w) { return; }
  let x = mirrored(p.tile.x + id.x, p.image.x) - p.band.x;
  let y = mirrored(p.tile.y + id.y, p.image.y) - p.band.y;
  let at = y * p.band.z + x;
  let byte = mask[at / 4u] >> (8u * (at % 4u)) & 255u;
  plane[id.y * p.tile.z + id.x] = f32(byte) / 255.0;
}
