/** What a device complains of. */
import { LimpidError } from "../errors.ts";
import { firstLine } from "./unavailable.ts";

/** What runtimes and drivers say when memory does not suffice. */
const MEMORY = /alloc|out of memory|\bOOM\b/i;

/**
 * The error for a failure on a device: `out-of-memory` where smaller tiles may
 * do, else `device-failed`.
 *
 * @param what What failed, at the beginning of a sentence.
 * @param where The device's name.
 */
export function failure(
  what: string,
  where: string,
  error: unknown,
): LimpidError {
  const memory = MEMORY.test(`${error}`);
  return new LimpidError(
    memory ? "out-of-memory" : "device-failed",
    `${what} ${memory ? "ran out of memory" : "failed"} on ${where} (${
      firstLine(error)
    }); use smaller tiles or another device.`,
    { cause: error },
  );
}

/** Whether an error says that a device has too little memory. */
export function isOutOfDeviceMemory(error: unknown): boolean {
  return error instanceof LimpidError && error.code === "out-of-memory";
}

/** Keeps the errors that a GPU tells no call of, but that spoil its results. */
export class DeviceFaults {
  readonly #where: string;
  #message: string | null = null;

  /** @param where The device's name, for messages. */
  constructor(gpu: GPUDevice, where: string) {
    this.#where = where;
    gpu.addEventListener("uncapturederror", (event) => {
      const { error } = event as GPUUncapturedErrorEvent;
      this.#message ??= error instanceof GPUOutOfMemoryError
        ? `out of memory: ${error.message}`
        : error.message.trim();
      event.preventDefault();
    });
  }

  /** Lets what was complained of so far be. */
  forget(): void {
    this.#message = null;
  }

  /** @throws {LimpidError} `device-failed`, `out-of-memory` where there was one since the last call */
  check(): void {
    const message = this.#message;
    this.#message = null;
    if (message !== null) {
      throw failure("The work", this.#where, new Error(message));
    }
  }
}
