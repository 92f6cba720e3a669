// Writes I + s (k (1 - I) + r), s the weight, with k and r enlarged bilinearly; s = 0 keeps the bytes.
// Twin: correct in pixels/color_correction.ts.
struct Params {
  image: vec4u,      // width, height
  correction: vec4u, // width, height
  seen: vec4u,       // width, height of what the network saw, without padding
  more: vec4u,       // whether there is a caller's mask
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> pixels: array<u32>;
@group(0) @binding(2) var<storage, read> correction: array<f32>; // planes: r of three colours, k
@group(0) @binding(3) var<storage, read> mask: array<u32>;   // four pixels each
@group(0) @binding(4) var<storage, read> user: array<u32>;   // four pixels each
@group(0) @binding(5) var<storage, read> shares: array<f32>; // by the mask's byte
@group(0) @binding(6) var<storage, read_write> output: array<u32>;

const CORRECTED = 4.0; // pixels seen for each value of the correction, across and down

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.image.x || id.y >= p.image.y) { return; }
  let at = id.y * p.image.x + id.x;
  let shift = 8u * (at % 4u);
  var share = shares[mask[at / 4u] >> shift & 255u];
  if (p.more.x != 0u) {
    share *= f32(user[at / 4u] >> shift & 255u) / 255.0;
  }
  let pixel = pixels[at];
  if (share == 0.0) {
    output[at] = pixel;
    return;
  }
  let scale = vec2f(p.seen.xy) / (CORRECTED * vec2f(p.image.xy));
  let place = clamp(
    (vec2f(id.xy) + 0.5) * scale - 0.5,
    vec2f(0.0),
    vec2f(p.correction.xy) - 1.0,
  );
  let low = vec2u(floor(place));
  let high = min(low + 1u, p.correction.xy - 1u);
  let t = place - floor(place);
  var values: vec4f;
  for (var c = 0u; c < 4u; c++) {
    let top = (c * p.correction.y + low.y) * p.correction.x;
    let bottom = (c * p.correction.y + high.y) * p.correction.x;
    let left = mix(correction[top + low.x], correction[bottom + low.x], t.y);
    let right = mix(correction[top + high.x], correction[bottom + high.x], t.y);
    values[c] = mix(left, right, t.x);
  }
  let before = vec3f(vec3u(pixel & 255u, pixel >> 8u & 255u, pixel >> 16u & 255u));
  let change = values.w * (255.0 - before) + 255.0 * values.xyz;
  let result = vec3u(round(clamp(before + share * change, vec3f(0.0), vec3f(255.0))));
  output[at] = result.x | result.y << 8u | result.z << 16u | (pixel & 0xff000000u);
}
