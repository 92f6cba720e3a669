/**
 * What takes too long for every day: a large corpus of spoiled files, many
 * requests with an eye on memory, load beside health checks, cold start.
 * Each prints its figures, and fails where they are not good enough.
 *
 * `deno task soak [mutations|soak|load|cold]...`, all by default.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { median } from "../bench/median.ts";
import { writeFakeModels } from "./fake_models.ts";
import { grainy, png } from "./images.ts";
import {
  randomNumbers,
  spoiledFiles,
} from "../lib/codecs/test_spoiled_files.ts";
import { photo, post } from "./service.ts";

/** Milliseconds after which the codecs' Worker has ended, and the collector has been. */
const REST = 25_000;

const ROOT = new URL("../", import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, ROOT));
const MB = 2 ** 20;

/** A service in a process of its own, on `cpu`. */
interface Server extends AsyncDisposable {
  readonly origin: string;
  /** Resident bytes of the process now. */
  memory(): number;
  /** Most that it ever had. */
  peak(): number;
}

const models = await Deno.makeTempDir();
await writeFakeModels(models);

/** glibc's allocator and V8's, as the Dockerfile sets them. */
const ALLOCATOR = Object.fromEntries(
  Deno.readTextFileSync(path("Dockerfile")).matchAll(
    /(MALLOC_\w+|DENO_V8_FLAGS)=([\w=-]+)/g,
  )
    .map(([, name, value]) => [name!, value!]),
);

/** @param env Variables; by default the models are those that can be foretold. */
async function start(
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      `--config=${path("deno.json")}`,
      "-P=serve",
      path("cli.ts"),
      "serve",
    ],
    env: {
      ...ALLOCATOR,
      LIMPID_DEVICE: "cpu",
      LIMPID_PORT: String(port),
      LIMPID_MODELS: models,
      ...env,
    },
    stdout: "null",
  }).spawn();
  const origin = `http://127.0.0.1:${port}`;
  for (let i = 0;; i++) {
    const ready = await fetch(`${origin}/readyz`).then(
      (a) => a.body?.cancel().then(() => a.ok),
      () => false,
    );
    if (ready) break;
    if (i > 6000) throw new Error("The service did not become ready.");
    await pause(20);
  }
  const status = (field: string): number => {
    const text = Deno.readTextFileSync(`/proc/${child.pid}/status`);
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(text)?.[1]) * 1024;
  };
  return {
    origin,
    memory: () => status("VmRSS"),
    peak: () => status("VmHWM"),
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGTERM");
      assert.equal((await child.status).code, 0);
    },
  };
}

const TASKS: Readonly<Record<string, () => Promise<void>>> = {
  /** Never a 5xx but 503, bounded memory and time, serving afterwards. */
  async mutations(): Promise<void> {
    await using server = await start({ LIMPID_MAX_PIXELS: "4000000" });
    // onnxruntime keeps its arena for the largest tile, and spoiled headers make large images.
    const large = png(2000, 2000, (x, y) => [x & 255, y & 255, 255]);
    const first = await post(`${server.origin}/restore?task=rain`, large);
    await first.body?.cancel();
    await pause(REST);
    const before = server.memory();
    const statuses: Record<number, number> = {};
    let slowest = 0;
    for await (const file of spoiledFiles(2400, 20260)) {
      const began = performance.now();
      const answer = await post(`${server.origin}/restore?task=rain`, file);
      await answer.body?.cancel();
      slowest = Math.max(slowest, performance.now() - began);
      const { status } = answer;
      assert.ok(status < 500 || status === 503, `status ${status}`);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    const peak = server.peak();
    const after = server.memory();
    await pause(REST);
    const rested = server.memory();
    print("mutations", {
      files: 2400,
      statuses,
      slowestMs: slowest,
      peakMB: peak / MB,
      beforeMB: before / MB,
      afterMB: after / MB,
      restedMB: rested / MB,
    });
    assert.ok(slowest < 30_000 && peak < 1000 * MB);
    // What files leave behind in the codecs' Worker goes with it.
    assert.ok(rested < before + 60 * MB);
    const good = await post(`${server.origin}/restore`, photo);
    await good.body?.cancel();
    assert.equal(good.status, 200);
  },

  /** 4000 requests of mixed sizes, after 2000 to warm up: no error, and memory stays. */
  async soak(): Promise<void> {
    await using server = await start({
      LIMPID_TILE: "256",
      LIMPID_HALO: "16",
    });
    const below = randomNumbers(11);
    const sizes = [[64, 48], [200, 150], [256, 256], [333, 250], [
      512,
      384,
    ]] as const;
    const images = sizes.map(([w, h]) =>
      png(
        w,
        h,
        (x, y) => (x + y) % 64 < 24 ? [255, x & 255, y & 255] : [20, 40, 40],
      )
    );
    const work = async (count: number): Promise<void> => {
      let left = count;
      await Promise.all(Array.from({ length: 4 }, async () => {
        while (left-- > 0) {
          const path = below(4) === 0 ? "mask" : "restore";
          const answer = await post(
            `${server.origin}/${path}`,
            images[below(images.length)]!,
          );
          const bytes = await answer.arrayBuffer();
          assert.equal(answer.status, 200);
          assert.ok(bytes.byteLength > 100);
        }
      }));
    };
    const began = performance.now();
    const curve: number[] = [];
    /** Resident bytes: of the last three times that it was looked, since garbage comes and goes. */
    const memoryAfter = async (count: number): Promise<number> => {
      for (let done = 0; done < count; done += 250) {
        await work(Math.min(250, count - done));
        curve.push(server.memory());
      }
      return median(curve.slice(-3));
    };
    // Until the heaps of three threads have the size that they keep.
    const before = await memoryAfter(2000);
    // LIMPID_SOAK_REQUESTS makes it shorter, on a busy machine.
    const requests = Number(Deno.env.get("LIMPID_SOAK_REQUESTS") ?? 4000);
    const after = await memoryAfter(requests);
    print("soak", {
      requests,
      minutes: (performance.now() - began) / 60_000,
      warmMB: before / MB,
      afterMB: after / MB,
      curveMB: curve.map((bytes) => Math.round(bytes / MB)).join(" "),
      growth: after / before - 1,
      peakMB: server.peak() / MB,
    });
    assert.ok(after < before * 1.1, "memory grew by more than 10 %");
  },

  /** wrk on loopback against the engine alone, and health checks meanwhile. */
  async load(): Promise<void> {
    const image = grainy(
      512,
      512,
      (x, y) => (x + y) % 64 < 24 ? [255, 9, 9] : [20, 40, 40],
    );
    const seconds = 20;
    await using server = await start();
    const file = await Deno.makeTempFile();
    const script = await Deno.makeTempFile({ suffix: ".lua" });
    await Deno.writeFile(file, image);
    await Deno.writeTextFile(
      script,
      `local f = io.open("${file}", "rb"); wrk.method = "POST"; wrk.body = f:read("*all"); f:close()`,
    );
    const latencies: number[] = [];
    const wrk = new Deno.Command("wrk", {
      args: [
        "-t1",
        "-c2",
        `-d${seconds}s`,
        "--timeout",
        "30s",
        "-s",
        script,
        `${server.origin}/restore?task=rain`,
      ],
    }).output();
    let over = false;
    wrk.finally(() => over = true);
    while (!over) {
      const began = performance.now();
      await (await fetch(`${server.origin}/livez`)).body?.cancel();
      latencies.push(performance.now() - began);
      await pause(20);
    }
    const { stdout, code } = await wrk;
    const said = new TextDecoder().decode(stdout);
    assert.equal(code, 0, said);
    assert.doesNotMatch(said, /Non-2xx/, said);
    const served = Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1]);

    const engine = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", `--config=${path("deno.json")}`]
        .concat(path("tests/engine_alone.ts"), models, file, String(seconds)),
      env: ALLOCATOR,
      stderr: "inherit",
    }).output();
    assert.equal(engine.code, 0);
    const alone = Number(new TextDecoder().decode(engine.stdout));
    await Promise.all([file, script].map((f) => Deno.remove(f)));
    latencies.sort((a, b) => a - b);
    const p99 = latencies[Math.floor(latencies.length * 0.99)]!;
    print("load", {
      served,
      alone,
      ratio: served / alone,
      healthChecks: latencies.length,
      healthP50Ms: latencies[latencies.length >> 1]!,
      healthP99Ms: p99,
    });
  },

  /** Process start to the first restored byte of 512 x 512, to `deno eval` and a bare session. */
  async cold(): Promise<void> {
    const image = await Deno.readFile(path("examples/rain.png"));
    const began = performance.now();
    await using server = await start({ LIMPID_MODELS: path("models") });
    const ready = performance.now() - began;
    const answer = await post(`${server.origin}/restore?task=rain`, image);
    await answer.body!.getReader().read();
    const first = performance.now() - began;

    const program = `
      const ort = (await import("npm:onnxruntime-node@1.30.0")).default;
      for (const m of ["mask", "rain"]) {
        await ort.InferenceSession.create(await Deno.readFile(${
      JSON.stringify(path("models"))
    } + "/" + m + "-small-1.onnx"));
      }`;
    const start2 = performance.now();
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", program],
    }).output();
    assert.equal(code, 0);
    const bare = performance.now() - start2;
    print("cold", {
      readyMs: ready,
      firstByteMs: first,
      bareSessionMs: bare,
      ratio: first / bare,
    });
  },
};

const asked = Deno.args.length > 0 ? Deno.args : Object.keys(TASKS);
try {
  for (const name of asked) await TASKS[name]!();
} finally {
  await Deno.remove(models, { recursive: true });
}

function print(name: string, figures: Record<string, unknown>): void {
  const rounded = JSON.stringify(
    figures,
    (_, v) => typeof v === "number" ? Math.round(v * 1000) / 1000 : v,
  );
  console.log(`${name}: ${rounded}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
