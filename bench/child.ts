/** The benchmark's side of a measured process. */
import { DEVICE_TABLE } from "../lib/devices.ts";
import { fileURLToPath } from "node:url";
import type { Device } from "../lib/types.ts";

const CONFIG = fileURLToPath(new URL("../deno.json", import.meta.url));

/** The error with which the process ended. */
export class ChildFailed extends Error {}

/**
 * A process that writes a line of JSON when it is ready, and one for each line
 * that it reads.
 */
export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string>;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #complaints: Promise<string>;

  constructor(program: string, args: readonly string[]) {
    this.#process = new Deno.Command(program, {
      args: [...args],
      // Without a desktop, graphics drivers complain if this variable is not
      // set.
      env: { XDG_RUNTIME_DIR: "/nonexistent", NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#lines = linesOf(this.#process.stdout);
    this.#requests = this.#process.stdin.getWriter();
    this.#complaints = new Response(this.#process.stderr).text();
  }

  /** Starts a script of this folder that runs networks, with the permissions that their device needs. */
  static onDevice(script: string, device: Device, job: unknown): Child {
    return Child.deno(
      script,
      ["--allow-read", ...(DEVICE_TABLE[device].native ? ["--allow-ffi"] : [])],
      job,
    );
  }

  /** Starts a script of this folder. */
  static deno(
    script: string,
    permissions: readonly string[],
    job: unknown,
  ): Child {
    return new Child(Deno.execPath(), [
      "run",
      "-q",
      "--no-prompt",
      `--config=${CONFIG}`,
      ...permissions,
      fileURLToPath(new URL(script, import.meta.url)),
      JSON.stringify(job),
    ]);
  }

  /** Reads the next value that the process sends. */
  async hear<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new ChildFailed(lastLine(await this.#complaints));
    return JSON.parse(value) as T;
  }

  /** Makes the process measure once. */
  async ask<T>(): Promise<T> {
    try {
      await this.#requests.write(Uint8Array.of(10));
    } catch {
      // It has ended; its error is read below.
    }
    return await this.hear<T>();
  }

  /** Lets the process end, and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#requests.close().catch(() => {});
    await this.#lines.return(undefined);
    await this.#process.status;
  }
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** The error message in a program's standard error, without its stack. */
function lastLine(complaints: string): string {
  const lines = complaints.split("\n").map((line) => line.trim());
  return lines.find((line) => /^(error: )?(Uncaught|\w*Error\b)/.test(line)) ??
    lines.findLast((line) => line !== "") ?? "it ended without a word";
}
