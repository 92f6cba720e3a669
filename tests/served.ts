/** The service as a program of its own, for tests. */
import { fileURLToPath } from "node:url";
import { writeFakeModels } from "./fake_models.ts";

const ROOT = new URL("../", import.meta.url);
/** A file of the repository. */
export const path = (name: string): string =>
  fileURLToPath(new URL(name, ROOT));
export const CONFIG = `--config=${path("deno.json")}`;
/** As `deno task serve` runs it. */
export const TASK = ["run", "-q", CONFIG, "-P=serve", path("cli.ts"), "serve"];

/** A service in a process of its own. */
export interface Served {
  readonly origin: string;
  readonly child: Deno.ChildProcess;
  /** Lines of its log so far. */
  readonly lines: Record<string, unknown>[];
  /** Ends when its output does. */
  readonly reading: Promise<void>;
}

/** Runs the service until the body is done. */
export async function withServed(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  body: (served: Served) => Promise<void>,
  program: readonly [string, ...string[]] = [Deno.execPath()],
): Promise<void> {
  const models = await Deno.makeTempDir();
  await writeFakeModels(models);
  const [command, ...before] = program;
  const child = new Deno.Command(command, {
    args: [...before, ...args],
    env: { LIMPID_MODELS: models, LIMPID_PORT: "0", NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines: Record<string, unknown>[] = [];
  const listening = Promise.withResolvers<number>();
  const reading = (async () => {
    let rest = "";
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      rest += text;
      const whole = rest.split("\n");
      rest = whole.pop()!;
      for (const line of whole) {
        const entry = JSON.parse(line);
        lines.push(entry);
        if (entry.event === "listening") listening.resolve(entry.port);
      }
    }
    listening.reject(new Error("It ended before it listened."));
  })();
  try {
    const origin = `http://127.0.0.1:${await listening.promise}`;
    await body({ origin, child, lines, reading });
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await child.status;
    await reading;
    await Deno.remove(models, { recursive: true });
  }
}

/** Waits until images are taken. */
export async function untilReady(origin: string): Promise<void> {
  for (let i = 0; i < 600; i++) {
    const answer = await fetch(`${origin}/readyz`);
    await answer.body?.cancel();
    if (answer.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("It did not become ready.");
}
