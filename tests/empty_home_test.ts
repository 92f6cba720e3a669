/**
 * What a runtime could do behind the back of everyone: write into the home folder,
 * look names up, read the command line. onnxruntime-node does all three from
 * 1.29 to 1.30 at least. Look-ups are seen with strace, and not watched where it is
 * not installed, unless LIMPID_REQUIRE names strace.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { grainy } from "./images.ts";
import { delay } from "./delay.ts";
import { writeFakeModels } from "./fake_models.ts";

const ROOT = new URL("../", import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, ROOT));
const CONFIG = `--config=${path("deno.json")}`;
const CLI = [CONFIG, "-P=cli", path("cli.ts")];

const { denoDir, ...tools } = await look();
/** Milliseconds that a service is left idle: the collector was looked up after 9 seconds. */
const IDLE = 12_000;

/** Where Deno keeps packages, and whether system calls can be followed. */
async function look(): Promise<{ denoDir: string; strace: boolean }> {
  const info = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
  }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(info.stdout));
  try {
    await new Deno.Command("strace", { args: ["-V"], stdout: "null" }).output();
    return { denoDir, strace: true };
  } catch (error) {
    const required = Deno.env.get("LIMPID_REQUIRE")?.split(",");
    if (required?.includes("strace")) throw error;
    return { denoDir, strace: false };
  }
}

/** A folder with an empty home, a photograph and models. */
interface Place {
  readonly folder: string;
  readonly photo: string;
  readonly models: string;
}

/** Runs Deno in an empty home, and sees that it stays empty and nothing is looked up. */
async function inEmptyHome(
  args: (place: Place) => readonly string[],
  during: (child: Deno.ChildProcess) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const [home, models, photos] = ["home", "models", "photos"]
      .map((name) => join(folder, name)) as [string, string, string];
    for (const made of [home, models, photos]) await Deno.mkdir(made);
    await writeFakeModels(models);
    const photo = join(photos, "a.png");
    await Deno.writeFile(
      photo,
      grainy(64, 48, (x) => x < 60 ? [255, 40, 40] : [9, 9, 9]),
    );
    const calls = join(folder, "calls.txt");
    // As a grandchild: signals reach the program itself.
    const follow = [
      "strace",
      "-D",
      "-f",
      "-q",
      "-e",
      "trace=network",
      "-o",
      calls,
    ];
    const [command, ...rest] = [
      ...(tools.strace ? follow : []),
      Deno.execPath(),
      "run",
      "-q",
      "--cached-only",
      "--no-prompt",
      ...args({ folder, photo, models }),
    ] as [string, ...string[]];
    const child = new Deno.Command(command, {
      args: rest,
      clearEnv: true,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: home,
        DENO_DIR: denoDir,
        // Deno itself would ask for a newer version.
        DENO_NO_UPDATE_CHECK: "1",
        LIMPID_MODELS: models,
        LIMPID_DEVICE: "cpu",
        NO_COLOR: "1",
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(120_000),
    }).spawn();
    const output = child.output();
    await during(child);
    const { code, stderr } = await output;
    const text = new TextDecoder().decode(stderr);
    assert.equal(code, 0, text.slice(-2000));
    assert.deepEqual([...Deno.readDirSync(home)], []);
    if (!tools.strace) return;
    const trace = await Deno.readTextFile(calls);
    // Whoever looks a name up asks a server at port 53, or a local one.
    assert.deepEqual(
      trace.split("\n").filter((line) =>
        /connect\(.*AF_INET|htons\(53\)|nscd/.test(line) &&
        // The service's listeners speak to each other over loopback.
        !/sin_addr=inet_addr\("127\.0\.0\.1"\)/.test(line)
      ),
      [],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("an empty home stays empty, and nothing is looked up: the command line", async () => {
  await inEmptyHome(({ folder, photo }) => [
    ...CLI,
    "restore",
    photo,
    "-o",
    join(folder, "out.png"),
  ]);
});

Deno.test("an empty home stays empty, and nothing is looked up: the library with read and ffi alone", async () => {
  await inEmptyHome(({ folder, photo, models }) => {
    const program = join(folder, "program.ts");
    Deno.writeTextFileSync(
      program,
      `import { createRestorer } from ${
        JSON.stringify(new URL("mod.ts", ROOT))
      };
      const models = ${JSON.stringify(models)};
      await using restorer = await createRestorer({ device: "cpu", models });
      await restorer.restore(await Deno.readFile(${JSON.stringify(photo)}));`,
    );
    return ["--no-config", "--allow-read", "--allow-ffi", program];
  });
});

Deno.test("an empty home stays empty, and nothing is looked up: the service, idle", async () => {
  await inEmptyHome(
    () => [CONFIG, "-P=serve", path("cli.ts"), "serve", "--port", "0"],
    async (child) => {
      await delay(IDLE);
      child.kill("SIGTERM");
    },
  );
});

Deno.test("a long command line does not end the process", async () => {
  const names = Array.from(
    { length: 250 },
    (_, i) => `${String(i).padStart(3, "0")}${"-photograph".repeat(9)}.png`,
  );
  const folder = await Deno.makeTempDir();
  try {
    await writeFakeModels(folder);
    const photo = grainy(16, 16, () => [255, 40, 40]);
    for (const name of names) await Deno.writeFile(join(folder, name), photo);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", ...CLI, "restore", ...names, "-o", "out"],
      cwd: folder,
      env: { LIMPID_MODELS: folder, LIMPID_DEVICE: "cpu", NO_COLOR: "1" },
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr).slice(-500));
    const made = [...Deno.readDirSync(join(folder, "out"))];
    assert.equal(made.length, names.length);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
