/** Measures one device on one image, in turns with its baselines. */
import { DEVICE_TABLE } from "../lib/devices.ts";
import type { Store } from "../lib/models/store.ts";
import { costOf } from "./arithmetic.ts";
import { Child, ChildFailed } from "./child.ts";
import { median, medians } from "./median.ts";
import { ofSize, type Pass, passesOf } from "./passes.ts";
import type {
  BaselineAnswer,
  Job,
  SubjectAnswer,
  TorchJob,
} from "./protocol.ts";
import type { Baseline, Comparison, Measurement } from "./report.ts";
import { torchChild } from "./torch.ts";

/** Milliseconds after which no further run is begun. */
const PATIENCE = 120_000;
/** Milliseconds of work from which a first run counts, warm-up included. */
const LONG = 20_000;

/** What a measurement needs. */
export interface Case {
  readonly job: Omit<
    Job,
    "restored" | "side" | "levels" | "precisions" | "undamaged"
  >;
  /** The file of an image of the same size without damage. */
  readonly sound: string;
  readonly store: Store;
  readonly width: number;
  readonly height: number;
  /** Most runs, 1 or more. */
  readonly runs: number;
  /** Baselines to compare with, where available. */
  readonly baselines: readonly Baseline[];
  /** A Python with PyTorch, and the networks' files by id. */
  readonly torch: {
    readonly python: string;
    readonly networks: ReadonlyMap<string, string>;
  } | null;
  /** Called with notes about what was left out. */
  readonly note: (text: string) => void;
}

/** @throws {ChildFailed} where `restore()` itself does not run. */
export async function measure(setting: Case): Promise<Measurement> {
  const { job, store, width, height, runs, note } = setting;
  await using children = new AsyncDisposableStack();
  const subject = children.use(
    Child.onDevice("subject_child.ts", job.device, {
      ...job,
      undamaged: false,
      restored: null,
      levels: null,
      side: null,
      precisions: [],
    }),
  );
  await subject.hear();
  // The first run warms up, and tells which tiles are restored.
  const first = await subject.ask<SubjectAnswer>();
  const { tiles: { restored }, side, precisions, levels } = first;
  const known: Job = {
    ...job,
    undamaged: false,
    restored,
    side,
    precisions,
    levels: levels.length > 0 ? levels : null,
  };
  const passes = passesOf(
    ofSize(store, job.size, precisions.includes("fp16")),
    job.task,
    { width, height },
    known,
  );

  const baselines = new Map<Baseline, Child>();
  for (const [name, start] of baselinesOf(setting, known, passes)) {
    if (!setting.baselines.includes(name)) continue;
    const child = children.use(start());
    try {
      await child.hear();
      baselines.set(name, child);
    } catch (error) {
      if (!(error instanceof ChildFailed)) throw error;
      note(`${name} does not run for ${job.device}: ${error.message}`);
    }
  }

  const answers: SubjectAnswer[] = [];
  const others = new Map<Baseline, BaselineAnswer[]>();
  const end = performance.now() + PATIENCE;
  for (let i = 0; i < runs && (i === 0 || performance.now() < end); i++) {
    const counts = i === 0 && first.times.work > LONG;
    answers.push(counts ? first : await subject.ask<SubjectAnswer>());
    for (const [name, child] of baselines) {
      const answer = await child.ask<BaselineAnswer>();
      others.set(name, [...others.get(name) ?? [], answer]);
    }
  }

  const glances: number[] = [];
  await using glance = Child.onDevice(
    "subject_child.ts",
    job.device,
    { ...known, image: setting.sound, undamaged: true },
  );
  await glance.hear();
  for (let i = 0; i < runs && (i === 0 || performance.now() < end); i++) {
    glances.push((await glance.ask<SubjectAnswer>()).times.work);
  }

  const { gmacs, overhead } = costOf(passes);
  const { plan } = passes.at(-1)!;
  const total = first.tiles.total;
  const compare = (found: readonly BaselineAnswer[]): Comparison => {
    const ms = median(found.map((answer) => answer.ms));
    return {
      ms,
      // Measured one after the other, so that other load affects both.
      ratio: median(found.map((b, i) => answers[i]!.times.work / b.ms)),
      cpuRatio: median(found.map((b, i) => answers[i]!.cpu / b.cpu)),
      gmacsPerSecond: gmacs / ms * 1000,
      peak: Math.max(...found.map((answer) => answer.peak)),
    };
  };
  const times = medians(answers.map((answer) => answer.times));
  const longest = (part: keyof SubjectAnswer["gaps"]): number =>
    Math.max(...answers.map((answer) => answer.gaps[part]));
  return {
    device: job.device,
    precisions,
    width,
    height,
    megapixels: width * height / 1e6,
    runs: answers.length,
    tiles: {
      total,
      restored,
      width: plan.x.side,
      height: plan.y.side,
      overhead,
    },
    gmacs,
    gmacsPerSecond: gmacs / times.work * 1000,
    times,
    gaps: {
      decode: longest("decode"),
      work: longest("work"),
      encode: longest("encode"),
    },
    glance: median(glances),
    peak: Math.max(...answers.map((answer) => answer.peak)),
    baselines: Object.fromEntries(
      [...others].map(([name, found]) => [name, compare(found)]),
    ),
  };
}

/** Starts the processes of the baselines. */
function* baselinesOf(
  { torch }: Case,
  job: Job,
  passes: readonly Pass[],
): Generator<[Baseline, () => Child]> {
  const bare = (device: Job["device"]): Child =>
    Child.onDevice("bare_child.ts", device, {
      ...job,
      device,
      precisions: device === job.device ? job.precisions : [],
    });
  yield ["bare", (): Child => bare(job.device)];
  if (job.device !== "cpu") {
    yield ["onnxruntime-node", (): Child => bare("cpu")];
  }
  if (torch === null) return;
  const { python, networks } = torch;
  const { task, threads } = job;
  const torchJob: TorchJob = {
    task,
    threads,
    passes: passes.map(({ model: { id, kind }, plan: { x, y }, count }) => ({
      kind,
      network: networks.get(id)!,
      width: x.side,
      height: y.side,
      count,
    })),
    half: job.precisions.includes("fp16"),
    gpu: DEVICE_TABLE[job.device].gpu,
  };
  yield ["pytorch", (): Child => torchChild(python, torchJob)];
}
