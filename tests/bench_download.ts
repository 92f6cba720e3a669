/**
 * How fast a model of 256 MB comes into the cache, as a share of the speed of
 * plain fetch to a file, and how much memory that takes. Both are measured in
 * processes of their own, in turns; the server is another.
 */
import { join } from "node:path";
import { openStore } from "../lib/models/store.ts";
import { fileEntry, manifestOf, randomBytes } from "./model_files.ts";

const LENGTH = 256 * 2 ** 20;
/** How often each is measured, unless the first argument says. */
const ROUNDS = 9;

/** What one process measures. */
interface Figures {
  readonly ms: number;
  /** Most resident memory above that of the beginning, in bytes. */
  readonly growth: number;
}

const [role, ...rest] = Deno.args;
if (role === "serve") await serve(rest[0]!);
else if (role === "plain" || role === "store") {
  const figures = await measure(role, rest[0]!, rest[1]!);
  console.log(JSON.stringify(figures));
} else await compare(Number(role ?? ROUNDS));

async function compare(rounds: number): Promise<void> {
  const folder = await Deno.makeTempDir();
  const bytes = new Uint8Array(LENGTH);
  const block = randomBytes(2 ** 20);
  for (let at = 0; at < LENGTH; at += block.length) bytes.set(block, at);
  await Deno.writeFile(join(folder, "big.onnx"), bytes);
  const manifest = manifestOf([fileEntry("big", bytes)]);
  await Deno.writeTextFile(join(folder, "manifest.json"), manifest);
  const server = child(["serve", folder]);
  try {
    const lines = server.stdout.pipeThrough(new TextDecoderStream());
    const reader = lines.getReader();
    const origin = (await reader.read()).value!.trim();
    const all = { plain: [] as Figures[], store: [] as Figures[] };
    for (let round = 0; round < rounds; round++) {
      for (const role of ["plain", "store"] as const) {
        const out = await Deno.makeTempDir({ dir: folder });
        const { stdout } = await child([role, origin, out]).output();
        all[role].push(JSON.parse(new TextDecoder().decode(stdout)));
        await Deno.remove(out, { recursive: true });
      }
    }
    const speed = (role: keyof typeof all): number =>
      LENGTH / 1e3 / median(all[role].map(({ ms }) => ms));
    const growth = (role: keyof typeof all): string =>
      (Math.max(...all[role].map(({ growth }) => growth)) / 2 ** 20).toFixed(0);
    const [plain, store] = [speed("plain"), speed("store")];
    console.log(
      `plain fetch to a file: ${plain.toFixed(0)} MB/s, ${
        growth("plain")
      } MiB more memory\n` +
        `models pull: ${store.toFixed(0)} MB/s, ${
          growth("store")
        } MiB more memory\n` +
        `ratio of the medians of ${rounds}: ${(store / plain).toFixed(2)}`,
    );
  } finally {
    server.kill();
    await server.status;
    await Deno.remove(folder, { recursive: true });
  }
}

function child(args: readonly string[]): Deno.ChildProcess {
  const script = new URL(import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", script, ...args],
    stdout: "piped",
  }).spawn();
}

async function serve(folder: string): Promise<void> {
  await Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`),
  }, async ({ url }) => {
    const file = await Deno.open(join(folder, new URL(url).pathname));
    const { size } = await file.stat();
    return new Response(file.readable, {
      headers: { "content-length": String(size), etag: '"1"' },
    });
  }).finished;
}

async function measure(
  role: "plain" | "store",
  origin: string,
  folder: string,
): Promise<Figures> {
  using store = role === "store"
    ? await openStore(origin, { cache: folder })
    : null;
  // Whatever is loaded at the first request does not count.
  await (await fetch(`${origin}/manifest.json`)).text();
  const before = memory("VmRSS");
  const began = performance.now();
  if (store !== null) await store.pull("big");
  else {
    const { body } = await fetch(`${origin}/big.onnx`);
    const path = join(folder, "big.onnx");
    const file = await Deno.open(path, { write: true, create: true });
    await body!.pipeTo(file.writable);
  }
  const ms = performance.now() - began;
  return { ms, growth: memory("VmHWM") - before };
}

function memory(field: string): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return 1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
