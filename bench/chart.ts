/** Draws the report as an image, readable on light and dark backgrounds. */
import { BASELINES, type Measurement, type Report } from "./report.ts";
import { figure, megapixels } from "./table.ts";

/** Parts of `restore()`, in the order of the bar. */
const PARTS = [
  ["network", "#2f7ed8"],
  ["cut", "#e8a33d"],
  ["blend", "#3aa76d"],
  ["upload", "#b05fd0"],
  ["readback", "#d0505f"],
  ["other", "#8a8f98"],
] as const;

const LEFT = 170, WIDTH = 520, RIGHT = 110, ROW = 22, GAP = 34, TOP = 64;

interface Bar {
  readonly label: string;
  readonly ms: number;
  readonly parts: readonly { readonly ms: number; readonly colour: string }[];
}

/**
 * An SVG: for every image a bar for `restore()` without codecs, divided into
 * its parts, and a bar for each baseline. Bars of one image have the same
 * scale.
 */
export function chart({ measurements, machine, task }: Report): string {
  const body: string[] = [];
  let y = TOP;
  for (const measurement of measurements) {
    body.push(text(8, y, titleOf(measurement), "title"));
    const bars = barsOf(measurement);
    const longest = Math.max(...bars.map(({ ms }) => ms));
    for (const { label, ms, parts } of bars) {
      y += ROW;
      body.push(text(LEFT - 8, y, label, "label"));
      let x = LEFT;
      for (const part of parts) {
        const width = part.ms / longest * WIDTH;
        body.push(
          `<rect x="${x.toFixed(1)}" y="${y - 13}" width="${
            width.toFixed(1)
          }" height="16" fill="${part.colour}"/>`,
        );
        x += width;
      }
      body.push(text(x + 6, y, `${figure(ms)} ms`, "value"));
    }
    y += GAP;
  }
  const legend = PARTS.map(([name, colour], i) =>
    `<rect x="${
      8 + 100 * i
    }" y="32" width="12" height="12" fill="${colour}"/>` +
    text(24 + 100 * i, 43, name, "value")
  );
  const heading = text(
    8,
    20,
    `restore() without decoding and encoding, task ${task}; ${machine.processor}, ${machine.threads} threads`,
    "title",
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${
      LEFT + WIDTH + RIGHT
    } ${y}" role="img">`,
    "<style>",
    "text { font: 13px system-ui, sans-serif; fill: #1c1f24 }",
    ".title { font-weight: 600 } .label { text-anchor: end }",
    "@media (prefers-color-scheme: dark) { text { fill: #e6e8eb } }",
    "</style>",
    heading,
    ...legend,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

function titleOf(m: Measurement): string {
  return `${m.device}${m.precisions.includes("fp16") ? " in fp16" : ""}, ${
    megapixels(m)
  } MP (${m.width}x${m.height})`;
}

function barsOf({ times, baselines }: Measurement): Bar[] {
  return [
    {
      label: "restore()",
      ms: times.work,
      parts: PARTS.map(([name, colour]) => ({ ms: times[name], colour })),
    },
    ...BASELINES.flatMap((name): Bar[] => {
      const found = baselines[name];
      if (found === undefined) return [];
      const { ms } = found;
      return [{ label: name, ms, parts: [{ ms, colour: PARTS[0][1] }] }];
    }),
  ];
}

function text(x: number, y: number, value: string, kind: string): string {
  const safe = value.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
  return `<text x="${x.toFixed(1)}" y="${y}" class="${kind}">${safe}</text>`;
}
