/** Chooses where networks run. */
import { DEVICE_TABLE } from "../devices.ts";
import { LimpidError } from "../errors.ts";
import { type Device, DEVICES, type Precision, PRECISIONS } from "../types.ts";
import type { Backend } from "./backend.ts";
import type { Unavailable } from "./unavailable.ts";
import { WorkerBackend } from "./worker_client.ts";

/** What a backend is opened with. */
export interface BackendOptions {
  /**
   * Default `auto`: a hardware WebGPU adapter, else `cpu`, else `wasm`. A
   * software renderer is taken only when `webgpu` is asked for by name.
   */
  readonly device?: Device | "auto";
  /** Threads of `cpu`, 1 or more. Default: one a core. */
  readonly threads?: number;
  /** What `auto` is not to take, because it was found to give wrong numbers. Default: none. */
  readonly except?: Device | null;
  /** Default `auto`: fp16 on `webgpu`, where its numbers are near enough to those of fp32. */
  readonly precision?: Precision | "auto";
}

/**
 * Opens the device that was asked for, or with `auto` the fastest there is.
 * `auto` passes `cpu` over where the ffi permission was not granted, instead
 * of asking for it.
 *
 * Close the backend when done: its Worker keeps the process alive.
 *
 * @throws {LimpidError} `device-unavailable` when the device is not to be had
 * here: the message says what is missing and what to do. `invalid-option` for
 * a device or number of threads that cannot be.
 *
 * @example
 * ```ts
 * import { openBackend } from "./open_backend.ts";
 *
 * await using backend = await openBackend({ device: "wasm" });
 * console.log(backend.device, backend.reason);
 * ```
 */
export async function openBackend(
  {
    device = "auto",
    threads = navigator.hardwareConcurrency,
    except = null,
    precision = "auto",
  }: BackendOptions = {},
): Promise<Backend> {
  if (device !== "auto" && !DEVICES.includes(device)) {
    throw new LimpidError(
      "invalid-option",
      `There is no device "${device}"; choose ${DEVICES.join(", ")} or auto.`,
    );
  }
  if (!Number.isInteger(threads) || threads < 1) {
    throw new LimpidError(
      "invalid-option",
      `The number of threads is ${threads}; choose a whole number from 1.`,
    );
  }
  if (precision !== "auto" && !PRECISIONS.includes(precision)) {
    throw new LimpidError(
      "invalid-option",
      `There is no precision "${precision}"; choose ${
        PRECISIONS.join(", ")
      } or auto.`,
    );
  }
  return await (device === "auto"
    ? openFastest({ threads, precision }, except)
    : openNamed(device, { threads, precision }));
}

/** What every device is opened with. */
type Common = Required<Pick<BackendOptions, "threads" | "precision">>;

async function openNamed(device: Device, common: Common): Promise<Backend> {
  const opened = await open(
    device,
    common,
    true,
    (name) => `Running on ${name}, as asked for.`,
  );
  if ("device" in opened) return opened;
  throw new LimpidError(
    "device-unavailable",
    `The device ${device} is not available: ${opened.why}; ${opened.remedy}.`,
  );
}

async function openFastest(
  common: Common,
  except: Device | null,
): Promise<Backend> {
  const passed: string[] = [];
  for (const device of DEVICES) {
    if (device === except) {
      passed.push(`${device} gives wrong numbers`);
      continue;
    }
    const because = passed.join(" and ") || "it is the fastest";
    const opened = DEVICE_TABLE[device].native && !await ffiGranted()
      ? {
        why: `the ffi permission that ${device} needs is not granted`,
        remedy: "",
      }
      : await open(
        device,
        common,
        false,
        (name) => `Running on ${name}, as ${because}.`,
      );
    if ("device" in opened) return opened;
    passed.push(opened.why);
  }
  throw new LimpidError(
    "device-unavailable",
    `No device is available, as ${
      passed.join(" and ")
    }; grant the permissions that are missing, or install a driver.`,
  );
}

async function open(
  device: Device,
  common: Common,
  software: boolean,
  reason: (name: string) => string,
): Promise<Backend | Unavailable> {
  if (common.precision === "fp16" && !DEVICE_TABLE[device].gpu) {
    return {
      why: `${device} computes in fp32 only`,
      remedy: "ask for precision auto or fp32",
    };
  }
  const { runtime } = DEVICE_TABLE[device];
  return await WorkerBackend.open(
    { kind: "open", device, runtime, software, ...common },
    reason,
  );
}

/** Whether native code may be loaded, found out without a prompt. */
async function ffiGranted(): Promise<boolean> {
  const { state } = await Deno.permissions.query({ name: "ffi" });
  return state === "granted";
}
