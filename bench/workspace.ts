/** The temporary folder that the measured processes read from. */
import { join } from "node:path";
import type { Verdict } from "../lib/types.ts";
import { Child } from "./child.ts";
import type { DrawJob } from "./protocol.ts";

/** A folder of images and networks, removed at the end. */
export class Workspace implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<Workspace> {
    return new Workspace(await Deno.makeTempDir({ prefix: "limpid-bench-" }));
  }

  /** Writes a file; returns its path. */
  async write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const file = join(this.#folder, name);
    await Deno.writeFile(file, bytes);
    return file;
  }

  /** Draws an image; returns its path. */
  async draw(
    width: number,
    height: number,
    task: Verdict,
  ): Promise<string> {
    const file = join(this.#folder, `${task}-${width}x${height}.jpg`);
    const job: DrawJob = { file, width, height, task };
    await using child = Child.deno(
      "draw_child.ts",
      ["--allow-read", `--allow-write=${this.#folder}`],
      job,
    );
    await child.hear();
    await child.ask();
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}
