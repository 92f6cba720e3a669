/** A backend whose runtime lives in a Worker of its own. */
import { setTimeout as pause } from "node:timers/promises";
import { DEVICE_TABLE } from "../devices.ts";
import { LimpidError } from "../errors.ts";
import type { Device } from "../types.ts";
import type { Canvas } from "./canvas/canvas.ts";
import type { Refined, Refinement } from "../pixels/refine.ts";
import type { PackedRaster } from "../pixels/planes.ts";
import type { Size } from "../tiling/tile_plan.ts";
import type { Backend, Declared, DeviceImage, Session } from "./backend.ts";
import { afterAbort } from "../workers/after_abort.ts";
import { afterTime } from "../workers/after_time.ts";
import { Mutex } from "../workers/mutex.ts";
import { hasDescriptors } from "../workers/descriptors.ts";
import { WorkerClient } from "../workers/rpc.ts";
import {
  type Answers,
  buffersOf,
  type CanvasAnswer,
  type CanvasCall,
  type ImageRef,
  type Notice,
  type OpenRequest,
  type Request,
} from "./protocol.ts";
import { type Unavailable, unavailable } from "./unavailable.ts";

/**
 * Two WebGPU runs at once hang or crash the process, so all backends on it
 * take turns.
 */
const gpuTurns = new Mutex();

/** The program of the Worker; a URL, because it may come from a web server. */
const WORKER = new URL("./worker.ts", import.meta.url);

/**
 * Milliseconds that the thread of a Worker has to let go of its GPU. A process
 * that ends meanwhile crashes in NVIDIA's driver (gfx-rs/wgpu#8365): so it did
 * on an H200, with a Worker each time, without one not. There is no event to wait for.
 */
const GPU_RELEASE = 250;

/** How long a request may go on, in milliseconds; then its device hangs. */
export interface RequestTime {
  /** While somebody waits for it. Opening a device may fetch its runtime first. */
  readonly waited: number;
  /** Once its caller's signal has aborted. */
  readonly aborted: number;
}

const REQUEST_TIME: RequestTime = { waited: 600_000, aborted: 10_000 };

/** A {@linkcode Backend} that passes every call on to its Worker, one at a time. */
export class WorkerBackend implements Backend {
  readonly device: Device;
  readonly #worker: WorkerClient<Notice>;
  readonly #turns: Mutex;
  readonly #time: RequestTime;
  /** Why nothing works any more. */
  #failure: LimpidError | null = null;
  broken: "lost" | "wrong" | null = null;
  #closed: Promise<void> | null = null;
  /** By which the Worker knows networks and images. */
  readonly #numbers = new WeakMap<Session | DeviceImage, number>();
  /** Why networks are not recorded, by their numbers. */
  readonly #unrecorded = new Map<number, string>();
  #loaded = 0;
  #opened = 0;
  reason = "";
  software = false;
  half = false;

  /**
   * Starts a Worker and makes its runtime ready; does not throw.
   *
   * @param reason Makes the sentence of {@linkcode Backend.reason} from the
   * name of the adapter or processor.
   * @param worker Its program; the tests have others.
   */
  static async open(
    request: OpenRequest,
    reason: (name: string) => string,
    worker: URL = WORKER,
    time = REQUEST_TIME,
  ): Promise<WorkerBackend | Unavailable> {
    if (!hasDescriptors()) {
      return {
        why: "too many files are open",
        remedy: "raise their limit (ulimit -n)",
      };
    }
    const backend = new WorkerBackend(request.device, worker, time);
    try {
      const answer = await backend.#ask<"open">(request);
      if ("name" in answer) {
        backend.reason = reason(answer.name);
        backend.software = answer.software;
        backend.half = answer.half;
        return backend;
      }
      await backend[Symbol.asyncDispose]();
      return answer;
    } catch (error) {
      await backend[Symbol.asyncDispose]();
      return unavailable("its Worker does not start", error);
    }
  }

  private constructor(device: Device, worker: URL, time: RequestTime) {
    this.device = device;
    this.#time = time;
    this.#turns = DEVICE_TABLE[device].gpu ? gpuTurns : new Mutex();
    this.#worker = new WorkerClient(worker, "limpid", {
      onNotice: (notice) => {
        if (notice.kind === "error" && notice.wrong) this.broken = "wrong";
        if (notice.kind === "unrecorded") {
          this.#unrecorded.set(notice.network, notice.why);
        }
        if (notice.kind === "lost") {
          this.#fail(
            `The ${device} device was lost (${notice.message}); open it again or use another.`,
          );
        }
      },
      onStopped: (reason) =>
        this.#fail(`The Worker of ${device} stopped (${reason}).`),
    });
  }

  async load(
    id: string,
    model: Uint8Array<ArrayBuffer>,
    declared?: Declared,
  ): Promise<Session> {
    const network = this.#loaded++;
    const kind = "load";
    // The model is copied: its store keeps it for the next backend.
    const arithmetic = await this.#ask<"load">(
      { kind, network, id, model, declared: declared ?? null },
    );
    const unrecorded = this.#unrecorded;
    const session: Session = {
      id,
      ...arithmetic,
      get unrecorded(): string | null {
        return unrecorded.get(network) ?? null;
      },
      run: (feeds) =>
        this.#ask<"run">({ kind: "run", network, feeds }, buffersOf(feeds)),
    };
    this.#numbers.set(session, network);
    return session;
  }

  async put(raster: PackedRaster): Promise<DeviceImage> {
    return this.#image(await this.#ask<"put">({ kind: "put", raster }));
  }

  async open(
    image: DeviceImage,
    maxSide?: number,
    signal: AbortSignal | null = null,
  ): Promise<Canvas<Session, DeviceImage>> {
    const canvas = this.#opened++;
    await this.#ask<"open-canvas">({
      kind: "open-canvas",
      canvas,
      image: this.#numberOf(image),
      maxSide,
    });
    const call = async <M extends CanvasCall["method"]>(
      method: M,
      args: Extract<CanvasCall, { method: M }>["args"],
      stop: AbortSignal | null = null,
    ): Promise<CanvasAnswer<M>> =>
      await this.#ask<"canvas">(
        { kind: "canvas", canvas, call: { method, args } as CanvasCall },
        [],
        stop,
      ) as CanvasAnswer<M>;
    const number = (session: Session): number => this.#numberOf(session);
    return {
      beginMasks: (...args) => call("beginMasks", args),
      maskTile: (at, session) =>
        call("maskTile", [at, number(session)], signal),
      evidenceTile: (at, session) =>
        call("evidenceTile", [at, number(session)], signal),
      evidence: () => call("evidence", []),
      fillMask: (...args) => call("fillMask", args),
      mask: (task) => call("mask", [task]),
      beginRestore: (...args) => call("beginRestore", args),
      restoreTile: (at, session) =>
        call("restoreTile", [at, number(session)], signal),
      composite: async () => this.#image(await call("composite", [])),
      close: () => call("close", []),
    };
  }

  async reduce(image: DeviceImage, size: Size): Promise<DeviceImage> {
    const number = this.#numberOf(image);
    return this.#image(
      await this.#ask<"reduce">({ kind: "reduce", image: number, size }),
    );
  }

  async sample(image: DeviceImage): Promise<DeviceImage> {
    const number = this.#numberOf(image);
    return this.#image(
      await this.#ask<"sample">({ kind: "sample", image: number }),
    );
  }

  async refine(
    { finer, coarser, restored, ...others }: Refinement<DeviceImage>,
  ): Promise<Refined<DeviceImage>> {
    const { image, mask } = await this.#ask<"refine">({
      kind: "refine",
      refinement: {
        ...others,
        finer: this.#numberOf(finer),
        coarser: this.#numberOf(coarser),
        restored: this.#numberOf(restored),
      },
    });
    return { image: this.#image(image), mask };
  }

  /** An image that the Worker holds, for the caller. */
  #image({ image, width, height }: ImageRef): DeviceImage {
    const held: DeviceImage = {
      width,
      height,
      read: () => this.#ask<"read">({ kind: "read", image }),
      // Where the Worker is gone, so is the image.
      [Symbol.dispose]: () =>
        void this.#ask<"free">({ kind: "free", image }).catch(() => {}),
    };
    this.#numbers.set(held, image);
    return held;
  }

  #numberOf(held: Session | DeviceImage): number {
    return this.#numbers.get(held)!;
  }

  /** Lets the call under way finish, refuses the ones that wait, and ends the Worker. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    if (this.#failure === null) {
      this.#failure = new LimpidError(
        "device-failed",
        `The ${this.device} backend was closed; open another.`,
      );
      const closed = this.#failure;
      // If it fails, the Worker ends all the same.
      await this.#turns.run(async () => {
        using _ = afterTime(
          this.#time.aborted,
          () => this.#worker.end(closed),
        );
        await this.#worker.ask({ kind: "close" });
      }).catch(() => {});
    }
    this.#worker.end();
    if (DEVICE_TABLE[this.device].gpu) {
      await pause(GPU_RELEASE);
    }
  }

  /** Sends a request when its turn comes, unless nothing works any more. */
  #ask<K extends keyof Answers>(
    request: Extract<Request, { kind: K }>,
    transfer: ArrayBuffer[] = [],
    signal: AbortSignal | null = null,
  ): Promise<Answers[K]> {
    return this.#turns.run(async () => {
      if (this.#failure !== null) throw this.#failure;
      const late = (): void =>
        this.#fail(`The ${this.device} device did not finish in time.`);
      using _wait = afterTime(this.#time.waited, late);
      using _abort = afterAbort(signal, this.#time.aborted, late);
      return await this.#worker.ask(request, transfer) as Answers[K];
    }, signal);
  }

  /** Ends the Worker: its runtime is beyond repair, and calls on it may never return. */
  #fail(message: string): void {
    this.#failure ??= new LimpidError("device-failed", message);
    this.broken ??= "lost";
    this.#worker.end(this.#failure);
  }
}
