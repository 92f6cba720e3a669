// Cuts a tile of the image: bytes to planes of 0..1, mirrored beyond the right and lower border.
// Twin: rgbPlanes in planes.ts. Rectangles are x, y, width, height.
struct Params {
  band: vec4u,    // the part of the image that `pixels` holds
  tile: vec4u,
  image: vec4u, // width, height
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> pixels: array<u32>;
@group(0) @binding(2) var<storage, read_write> planes: array<f32>;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.tile.z || id.y >= p.tile.w) { return; }
  let x = mirrored(p.tile.x + id.x, p.image.x) - p.band.x;
  let y = mirrored(p.tile.y + id.y, p.image.y) - p.band.y;
  let rgba = unpack4x8unorm(pixels[y * p.band.z + x]);
  let size = p.tile.z * p.tile.w;
  let at = id.y * p.tile.z + id.x;
  planes[at] = rgba.x;
  planes[at + size] = rgba.y;
  planes[at + 2u * size] = rgba.z;
}
