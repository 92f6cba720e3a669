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

/** The resolution in whole pixels per inch; an aspect ratio stays as it is. */
export function perInch({ x, y, unit }: Resolution): Resolution {
  return unit === "metre"
    ? {
      x: Math.round(x * METRE_PER_INCH),
      y: Math.round(y * METRE_PER_INCH),
      unit: "inch",
    }
    : { x: Math.round(x), y: Math.round(y), unit };
}
