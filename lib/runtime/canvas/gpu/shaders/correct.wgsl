// Writes I + s (k (1 - I) + r), s the weight, with k and r enlarged bilinearly; s = 0 keeps the bytes. Where k stretches much, I is without noise;
// where the result would be nearly black, something of I stays.
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

const KEPT = 0.2; // least share of its value that a colour keeps: spared in the twin
const CORRECTED = 4.0; // pixels seen for each value of the correction, across and down

// The mean of a pixel and of those around it that hardly differ. Twin: SigmaFilter in pixels/sigma_filter.ts.
fn calmed(at: vec2u, own: vec3f) -> vec3f {
  var neighbours = array(
    vec2i(1, -1), vec2i(1, 1), vec2i(-1, 1), vec2i(-1, -1), vec2i(0, -4), vec2i(4, 0), vec2i(0, 4), vec2i(-4, 0),
    vec2i(4, -8), vec2i(8, 4), vec2i(-4, 8), vec2i(-8, -4), vec2i(6, -16), vec2i(16, 6), vec2i(-6, 16), vec2i(-16, -6),
  );
  var sums = 16.0 * vec4f(own, 1.0);
  for (var i = 0u; i < 16u; i++) {
    let place = vec2u(clamp(vec2i(at) + neighbours[i], vec2i(), vec2i(p.image.xy) - 1));
    let other = colour(pixels[place.y * p.image.x + place.x]);
    let apart = abs(other - own);
    let largest = max(apart.x, max(apart.y, apart.z));
    sums += max(0.0, 16.0 - largest * largest) * vec4f(other, 1.0);
  }
  return sums.xyz / sums.w;
}

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
  let around = cornersAt(id.xy, scale, p.correction.xy);
  let low = around.low;
  let high = around.high;
  var values: vec4f;
  for (var c = 0u; c < 4u; c++) {
    let top = (c * p.correction.y + low.y) * p.correction.x;
    let bottom = (c * p.correction.y + high.y) * p.correction.x;
    let left = mix(correction[top + low.x], correction[bottom + low.x], around.t.y);
    let right = mix(correction[top + high.x], correction[bottom + high.x], around.t.y);
    values[c] = mix(left, right, around.t.x);
  }
  let before = colour(pixel);
  // Where contrast is stretched to 1.5 to 3 times what it was: calmShare in the twin.
  let calm = clamp((-values.w - 0.5) / 1.5, 0.0, 1.0);
  var quiet = vec3f();
  if (calm > 0.0) {
    quiet = calm * (calmed(id.xy, before) - before);
  }
  let change = quiet + values.w * (255.0 - before - quiet) + 255.0 * values.xyz;
  let after = before + share * change;
  let dark = max(after, vec3f());
  let spared = KEPT * before + dark * dark / (4.0 * KEPT * max(before, vec3f(1.0)));
  output[at] = withColour(pixel, select(after, spared, after < 2.0 * KEPT * before));
}
