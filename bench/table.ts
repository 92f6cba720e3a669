/** Formats the report as text for a terminal. */
import {
  type Baseline,
  BASELINES,
  type Measurement,
  type Report,
} from "./report.ts";

/** All tables of a report. */
export function tables(report: Report): string {
  const { machine, task, tile, measurements, cold, notes } = report;
  const baselines = BASELINES.filter((name) =>
    measurements.some((m) => m.baselines[name] !== undefined)
  );
  return [
    `${machine.processor}, ${machine.threads} threads, ${machine.system}, Deno ${machine.deno}; ` +
    `task ${task}${tile === null ? "" : `, tile ${tile}`}, medians of the runs`,
    "",
    "Milliseconds of restore() and encode(); work is all but decode and encode, undamaged that on an image without damage",
    align([STAGES.map(([name]) => name), ...measurements.map(stages)]),
    "",
    "Tiles; GMACs a second over work; work to each baseline, and the same in processor time; memory; longest gap of a 5 ms timer",
    align([
      [
        "device",
        "MP",
        "runs",
        "tiles",
        "restored",
        "side",
        "pixels",
        "GMACs",
        "GMACs/s",
        ...baselines.flatMap((name) => [`/ ${name}`, "(cpu)", "ms"]),
        "peak MB",
        "gap decode",
        "work",
        "encode",
      ],
      ...measurements.map((m) => shares(m, baselines)),
    ]),
    "",
    "Milliseconds from nothing to the first tile; whole: process to first image by restore()",
    align([
      [
        "device",
        "process",
        "import",
        "adapter",
        "runtime",
        "models",
        "first tile",
        "whole",
      ],
      ...cold.map((c) => [
        c.device,
        ...[
          c.process,
          c.import,
          c.adapter,
          c.runtime,
          c.models,
          c.firstTile,
          c.whole,
        ]
          .map(figure),
      ]),
    ]),
    ...notes.flatMap((note) => ["", `- ${note}`]),
    "",
  ].join("\n");
}

const STAGES: readonly [string, (m: Measurement) => string][] = [
  ["device", (m): string => m.device],
  ["numbers", (m): string => [...new Set(m.precisions)].join("+")],
  ["MP", (m): string => megapixels(m)],
  ...(
    [
      "decode",
      "upload",
      "cut",
      "network",
      "blend",
      "readback",
      "other",
      "encode",
      "mask",
      "restore",
      "work",
    ] as const
  ).map((part): [string, (m: Measurement) => string] => [
    part,
    (m) => figure(m.times[part]),
  ]),
  ["undamaged", (m): string => figure(m.glance)],
];

function stages(m: Measurement): string[] {
  return STAGES.map(([, cell]) => cell(m));
}

function shares(m: Measurement, baselines: readonly Baseline[]): string[] {
  const { total, restored, width, height, overhead } = m.tiles;
  return [
    m.device,
    megapixels(m),
    `${m.runs}`,
    `${total}`,
    `${restored}`,
    `${width}x${height}`,
    `${overhead.toFixed(2)}x`,
    figure(m.gmacs),
    figure(m.gmacsPerSecond),
    ...baselines.flatMap((name) => {
      const found = m.baselines[name];
      return found === undefined ? ["-", "-", "-"] : [
        found.ratio.toFixed(2),
        found.cpuRatio.toFixed(2),
        figure(found.ms),
      ];
    }),
    (m.peak / 2 ** 20).toFixed(0),
    ...[m.gaps.decode, m.gaps.work, m.gaps.encode].map(figure),
  ];
}

/** Megapixels, as in `--sizes`. */
export function megapixels({ megapixels: value }: Measurement): string {
  return value < 1 ? value.toFixed(2) : value.toFixed(0);
}

/** A number with three significant digits. */
export function figure(value: number): string {
  return value >= 100 || value === 0
    ? value.toFixed(0)
    : value.toFixed(value >= 10 ? 1 : 2);
}

/** Pads cells to the width of their column, and aligns numbers to the right. */
function align(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, i) =>
    Math.max(...rows.map((cells) => cells[i]!.length))
  );
  return rows.map((cells) =>
    "  " +
    cells.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
    ).join("  ")
  ).join("\n");
}
