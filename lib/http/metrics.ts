/** Metrics in Prometheus' text format. */
import { prometheus } from "../../deps_http.ts";
import type { MaskResult, RestoreResult } from "../types.ts";
import type { Admission } from "./jobs/admission.ts";
import type { Answers } from "./listen/answers.ts";
import type { RestorerSupervisor } from "./jobs/restorer_supervisor.ts";

/** Seconds: a tile takes 0.05 s on a GPU, a large image a minute on a CPU. */
const BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** All metrics of one service. */
export class Metrics {
  readonly #registry = new prometheus.Registry();
  readonly #requests;
  readonly #seconds;
  readonly #stages;
  readonly #tiles;
  readonly #images;

  constructor(
    admission: Admission,
    answers: Answers,
    supervisor: RestorerSupervisor,
  ) {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, value: () => number): void => {
      new prometheus.Gauge({
        name,
        help,
        registers,
        collect(): void {
          this.set(value());
        },
      });
    };
    this.#requests = new prometheus.Counter({
      name: "limpid_http_requests_total",
      help: "Requests answered.",
      labelNames: ["route", "method", "status"],
      registers,
    });
    this.#seconds = new prometheus.Histogram({
      name: "limpid_http_request_seconds",
      help: "Time from request to answer.",
      labelNames: ["route"],
      buckets: BUCKETS,
      registers,
    });
    this.#stages = new prometheus.Histogram({
      name: "limpid_stage_seconds",
      help: "Time of each stage of a job.",
      labelNames: ["stage"],
      buckets: BUCKETS,
      registers,
    });
    this.#tiles = new prometheus.Counter({
      name: "limpid_tiles_total",
      help: "Tiles of restored images, by whether the restorer ran on them.",
      labelNames: ["outcome"],
      registers,
    });
    this.#images = new prometheus.Counter({
      name: "limpid_images_total",
      help: "Images done, by what they suffered from.",
      labelNames: ["task"],
      registers,
    });
    gauge("limpid_jobs_running", "Jobs at work.", () => admission.running);
    gauge(
      "limpid_jobs_waiting",
      "Requests being read or in the queue.",
      () => admission.waiting,
    );
    gauge(
      "limpid_answer_bytes",
      "Bytes of images that clients are taking.",
      () => answers.bytes,
    );
    gauge(
      "limpid_ready",
      "1 when requests are served.",
      () => supervisor.status.ready ? 1 : 0,
    );
    new prometheus.Counter({
      name: "limpid_device_losses_total",
      help: "Devices that stopped working and were opened anew.",
      registers,
      collect(): void {
        this.reset();
        this.inc(supervisor.status.losses);
      },
    });
    new prometheus.Gauge({
      name: "limpid_memory_bytes",
      help: "Memory of the process.",
      labelNames: ["kind"],
      registers,
      collect(): void {
        const { rss, heapUsed, heapTotal, external } = Deno.memoryUsage();
        this.set({ kind: "resident" }, rss);
        this.set({ kind: "heap_used" }, heapUsed);
        this.set({ kind: "heap_total" }, heapTotal);
        this.set({ kind: "external" }, external);
      },
    });
  }

  /** Counts an answered request. */
  request(route: string, method: string, status: number, ms: number): void {
    this.#requests.inc({ route, method, status: String(status) });
    this.#seconds.observe({ route }, ms / 1000);
  }

  /** Adds the time of a stage of a job. */
  stage(stage: string, ms: number): void {
    this.#stages.observe({ stage }, ms / 1000);
  }

  /** Counts a finished job. */
  result(result: MaskResult | RestoreResult): void {
    this.#images.inc({ task: result.task });
    if (!("tiles" in result)) return;
    const { total, restored } = result.tiles;
    this.#tiles.inc({ outcome: "restored" }, restored);
    this.#tiles.inc({ outcome: "skipped" }, total - restored);
  }

  /** All metrics as an answer. */
  async response(): Promise<Response> {
    return new Response(await this.#registry.metrics(), {
      headers: {
        "content-type": this.#registry.contentType,
        "cache-control": "no-store",
      },
    });
  }
}
