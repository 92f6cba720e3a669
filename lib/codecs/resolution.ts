/** The resolution in the units that formats have. */
import type { Resolution } from "../types.ts";

const METRE_PER_INCH = 0.0254;

/** The resolution in pixels per metre, in whole numbers; a ratio stays one. */
export function perMetre({ x, y, unit }: Resolution): Resolution {
  return unit === "inch"
    ? {
      x: Math.round(x / METRE_PER_INCH),
      y: Math.round(y / METRE_PER_INCH),
      unit: "metre",
    }
    : { x: Math.round(x), y: Math.round(y), unit };
}

/** The resolution in pixels per inch, in whole numbers; a ratio stays one. */
export function perInch({ x, y, unit }: Resolution): Resolution {
  return unit === "metre"
    ? {
      x: Math.round(x * METRE_PER_INCH),
      y: Math.round(y * METRE_PER_INCH),
      unit: "inch",
    }
    : { x: Math.round(x), y: Math.round(y), unit };
}
