/** Runs the real command line as a child process, with the permissions that `deno task` gives it. */
import { fileURLToPath } from "node:url";

const ROOT = new URL("../", import.meta.url);
const CONFIG = fileURLToPath(new URL("deno.json", ROOT));
const CLI = fileURLToPath(new URL("cli.ts", ROOT));

/** How a run went. */
export interface Run {
  readonly code: number;
  readonly stdout: Uint8Array<ArrayBuffer>;
  /** Standard output as text. */
  readonly out: string;
  /** Standard error as text. */
  readonly err: string;
  /** Most memory that was resident, in bytes; 0 where the system does not tell. */
  readonly peak: number;
}

/** What a run is given. */
export interface Setting {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes for standard input. */
  readonly stdin?: Uint8Array<ArrayBuffer>;
}

/** Starts the command line. Its environment has no `LIMPID_` variables but those given. */
export function start(
  args: readonly string[],
  { cwd, env = {}, stdin }: Setting = {},
): Deno.ChildProcess {
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !name.startsWith("LIMPID_"));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", `--config=${CONFIG}`, "-P=cli", CLI, ...args],
    clearEnv: true,
    env: { ...Object.fromEntries(inherited), NO_COLOR: "1", ...env },
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();
}

/** Runs the command line to its end. */
export async function limpid(
  args: readonly string[],
  setting: Setting = {},
): Promise<Run> {
  const child = start(args, setting);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakMemory(child.pid));
  }, 50);
  try {
    if (setting.stdin !== undefined) await feed(child, setting.stdin);
    const { code, stdout, stderr } = await child.output();
    const text = new TextDecoder();
    return {
      code,
      stdout,
      out: text.decode(stdout),
      err: text.decode(stderr),
      peak,
    };
  } finally {
    clearInterval(watch);
  }
}

async function feed(
  child: Deno.ChildProcess,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(bytes);
    await writer.close();
  } catch {
    // It may end without reading all; what it says then is for the test.
  }
}

/** The kernel's own high-water mark of resident memory. */
function peakMemory(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
