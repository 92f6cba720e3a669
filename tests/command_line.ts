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
  /** A file that standard output goes to; a shell leads it there. */
  readonly stdoutTo?: string;
}

/** Starts the command line. Its environment has no `LIMPID_` variables but those given. */
export function start(
  args: readonly string[],
  { cwd, env = {}, stdin, stdoutTo }: Setting = {},
): Deno.ChildProcess {
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !name.startsWith("LIMPID_"));
  const deno = Deno.execPath();
  const own = ["run", "-q", `--config=${CONFIG}`, "-P=cli", CLI, ...args];
  const [program, whole] = stdoutTo === undefined ? [deno, own] : ["sh", [
    "-c",
    'to=$1; shift; exec "$@" >"$to"',
    "sh",
    stdoutTo,
    deno,
    ...own,
  ]];
  return new Deno.Command(program, {
    args: whole,
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
  const done = new AbortController();
  const peak = watchMemory(child.pid, done.signal);
  try {
    if (setting.stdin !== undefined) await feed(child, setting.stdin);
    const { code, stdout, stderr } = await child.output();
    const text = new TextDecoder();
    return {
      code,
      stdout,
      out: text.decode(stdout),
      err: text.decode(stderr),
      get peak(): number {
        return peak();
      },
    };
  } finally {
    done.abort();
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

/**
 * Follows the kernel's own high-water mark of a process's resident memory. Deno
 * reads no other process's status for its programs, `cat` does.
 *
 * @returns gives the last mark that was seen, in bytes; 0 where there was none
 */
function watchMemory(pid: number, signal: AbortSignal): () => number {
  let peak = 0;
  const follow = async (): Promise<void> => {
    const cat = new Deno.Command("cat", {
      args: [`/proc/${pid}/status`],
      stderr: "null",
    });
    while (!signal.aborted) {
      const { stdout } = await cat.output();
      const status = new TextDecoder().decode(stdout);
      const mark = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
      if (mark !== undefined) peak = Number(mark) * 1024;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const following = follow();
  following.catch(() => {});
  return () => peak;
}
