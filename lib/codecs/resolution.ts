import type { Resolution } from "./header.ts";
/** Converts a resolution between the units of formats. */

const METRE_PER_INCH = 0.0254;

/** The resolution in whole pixels per metre; an aspect ratio stays as it is. */
export function perMetre({ x, y, unit }: Resolution): Resolution {
  return unit === "inch"
    ? {
      x: Math.round(x / METRE_PER_INCH),
      y: Math.round(y / METRE_PER_INCH),
      unit: "metre",
    }
    : { x: Math.round(x), y: Math.round(y), unit };
}

/** The resolution in pixels per inch; an aspect ratio stays as it is. */
export function inInches({ x, y, unit }: Resolution): Resolution {
  return unit === "metre"
    ? { x: x * METRE_PER_INCH, y: y * METRE_PER_INCH, unit: "inch" }
    : { x, y, unit };
}

/** As {@linkcode inInches}, in whole pixels. */
export function perInch(resolution: Resolution): Resolution {
  const { x, y, unit } = inInches(resolution);
  return { x: Math.round(x), y: Math.round(y), unit };
}
