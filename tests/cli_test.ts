/** The command line as its users meet it: a child process, files and exit codes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { limpid, start } from "./command_line.ts";
import { withScene } from "./cli_scene.ts";
import { grainy, greyJpeg, png } from "./images.ts";
import { serveRepository } from "./served_repository.ts";

/** Half of it red, which the tests' models take for rain. */
const rainy = grainy(96, 64, (x) => x < 48 ? [255, 40, 40] : [20, 40, 40]);
/** So little of it red that they are 61 to 69 % sure of rain. */
const faint = grainy(96, 64, (x) => x < 9 ? [255, 40, 40] : [10, 40, 40]);
const clean = png(64, 64, (x, y) => [0, 2 * x, 2 * y]);

/** The size that a PNG's header says. */
function pngSize(bytes: Uint8Array): string {
  assert.deepEqual([...bytes.slice(1, 4)], [0x50, 0x4e, 0x47]);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return `${view.getUint32(16)}x${view.getUint32(20)}`;
}

Deno.test("cli: help, and commands that there are not", async () => {
  for (const command of ["restore", "mask", "models"]) {
    const { code, out, err } = await limpid([command, "x", "--help", "--bad"]);
    assert.equal(code, 0, err);
    assert.match(out, new RegExp(`^Usage: limpid ${command} `));
    assert.match(out, /--json/);
    assert.equal(err, "");
  }
  const wrong = await limpid(["restroe"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /no command restroe \(did you mean restore\?\)/);
  assert.equal((await limpid([])).code, 2);
  assert.match(
    (await limpid(["--help"])).out,
    /restore .*\n.*mask .*\n.*batch .*\n.*serve .*\n.*models /,
  );
});

Deno.test("cli: one image, told to people", async () => {
  await withScene({ "a.png": rainy }, async ({ folder, run, names }) => {
    const { code, out, err } = await run(["restore", "a.png", "-o", "b.png"]);
    assert.equal(code, 0, err);
    assert.match(
      out,
      /^a\.png -> b\.png: rain \(.+ % sure\), covers 50 %, severity 1\.00; 50 % of pixels identical, 1\/1 tiles restored; \d+\.\d s\n {2}Running on .+\. Preferred size: small\. Models: fake-mask in fp32, fake-rain in fp32\.\n$/,
    );
    assert.equal(err, "");
    assert.deepEqual(names(), ["a.png", "b.png"]);
    assert.equal(pngSize(await Deno.readFile(join(folder, "b.png"))), "96x64");
  });
});

Deno.test("cli: how sure auto has to be is the user's choice, and so are several damages", async () => {
  await withScene({ "a.png": faint }, async ({ run }) => {
    const restored = async (...flags: string[]): Promise<unknown> => {
      const { code, out, err } = await run(
        ["restore", "a.png", "-o", "b.png", "--json", ...flags],
      );
      assert.equal(code, 0, err);
      const result = JSON.parse(out);
      return [result.tasks, result.restored];
    };
    assert.deepEqual(await restored(), [["rain"], []]);
    const sure = [["rain"], ["rain"]];
    assert.deepEqual(await restored("--min-confidence", "0.6"), sure);
    const both = ["haze", "rain"];
    assert.deepEqual(await restored("--task", "haze,rain"), [both, both]);
  });
});

Deno.test("cli: an image that is too narrow keeps its bytes, and that is said", async () => {
  const narrow = png(40, 9, (x) => [6 * x, 0, 0]);
  await withScene({ "a.png": narrow }, async ({ folder, run }) => {
    const args = ["restore", "a.png", "-o", "b.png", "--task", "rain"];
    const { code, out, err } = await run(args);
    assert.equal(code, 0, err);
    assert.match(
      out,
      /^a\.png -> b\.png: not looked at; .*\n {2}The image is 40x9 pixels .* below 16\.\n/,
    );
    assert.deepEqual(
      await Deno.readFile(join(folder, "b.png")),
      new Uint8Array(narrow),
    );
    const table = await run(["triage", "a.png"]);
    assert.match(table.out, /\nnot looked at +0 % .* a\.png\n/);
    const { out: csv } = await run(["triage", "a.png", "--csv"]);
    assert.match(csv, /\na\.png,clean,,0\.0000,.*,The image is 40x9 pixels/);
  });
});

Deno.test("cli: one image, told to programs", async () => {
  await withScene({ "a.png": rainy }, async ({ models, run, names }) => {
    const args = ["restore", "a.png", "-o", "b.png", "--mask-out", "m.png"];
    const { code, out, err } = await run([...args, "--json"]);
    assert.equal(code, 0, err);
    assert.equal(err, "");
    const lines = out.trimEnd().split("\n");
    assert.equal(lines.length, 1);
    const {
      confidence,
      probabilities,
      severity,
      times,
      models: used,
      ...rest
    } = JSON.parse(lines[0]!);
    assert.deepEqual(rest, {
      input: "a.png",
      output: "b.png",
      task: "rain",
      tasks: ["rain"],
      restored: ["rain"],
      device: "wasm",
      size: "small",
      width: 96,
      height: 64,
      coverage: 0.5,
      identicalPixels: 0.5,
      levels: [0],
      tiles: { total: 1, restored: 1, side: 960, asked: 960 },
      warnings: [],
    });
    assert.ok(confidence > 0.9 && confidence <= 1);
    assert.equal(probabilities.rain, confidence);
    assert.ok(severity > 0.99 && severity <= 1);
    assert.deepEqual(Object.keys(times), [
      "decode",
      "mask",
      "restore",
      "encode",
      "total",
      "canvas",
    ]);
    assert.ok(times.encode > 0 && times.total >= times.mask);
    const manifest = JSON.parse(
      await Deno.readTextFile(join(models, "manifest.json")),
    );
    assert.deepEqual(
      used,
      manifest.models.slice(0, 2).map((m: Record<string, string>) => ({
        id: m.id,
        sha256: m.sha256,
        precision: "fp32",
        precisionReason: "wasm computes in fp32 only.",
      })),
    );
    assert.deepEqual(names(), ["a.png", "b.png", "m.png"]);
  });
});

Deno.test("cli: a folder; stems stay, formats too, what is no image is left out", async () => {
  const files = {
    "a.png": rainy,
    "b.jpeg": greyJpeg(80, 64),
    "c.png": clean,
    "notes.txt": clean,
  };
  await withScene(files, async ({ run, names }) => {
    const args = ["restore", ".", "-o", "out/deep", "--mask-out", "masks"];
    const { code, out, err } = await run(args);
    assert.equal(code, 0, err);
    assert.deepEqual(names("out/deep"), ["a.png", "b.jpg", "c.png"]);
    assert.deepEqual(names("masks"), ["a.png", "b.png", "c.png"]);
    assert.match(
      out,
      /c\.png: clean \(.*nothing to restore; 100 % of pixels identical, 0\/1/,
    );
    assert.match(out, /\n3 done, 1 skipped \(no images by their names\)\n$/);

    const jpegs = await run([
      "restore",
      ".",
      "-o",
      "jpegs",
      "--format",
      "jpeg",
      "--quiet",
    ]);
    assert.equal(jpegs.code, 0, jpegs.err);
    assert.equal(jpegs.out + jpegs.err, "");
    assert.deepEqual(names("jpegs"), ["a.jpg", "b.jpg", "c.jpg"]);
  });
});

Deno.test("cli: from standard input to standard output", async () => {
  await withScene({ "a.png": rainy }, async ({ folder, run, names }) => {
    const piped = await run(["restore", "-", "-o", "-"], { stdin: rainy });
    assert.equal(piped.code, 0, piped.err);
    assert.match(piped.err, /^- -> -: rain/);
    const filed = await run(["restore", "a.png", "-o", "b.png"]);
    assert.equal(filed.code, 0, filed.err);
    assert.deepEqual(piped.stdout, await Deno.readFile(join(folder, "b.png")));

    const both = await run(["restore", "-", "-o", "-", "--json"], {
      stdin: rainy,
    });
    assert.equal(both.code, 2);
    const { input, error } = JSON.parse(both.out);
    assert.equal(input, null);
    assert.equal(error.code, "invalid-option");
    assert.deepEqual(names(), ["a.png", "b.png"]);
  });
});

Deno.test("cli: a result is done whatever becomes of the report", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const files = { "a.png": rainy, "b.png": rainy, "c.png": rainy };
  await withScene(files, async ({ models, folder, names }) => {
    const child = start(
      ["restore", ".", "-o", "out", "--models", models, "--device", "wasm"],
      { cwd: folder },
    );
    await child.stdout.cancel();
    const [{ code }, errors] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
    ]);
    assert.deepEqual([code, errors], [0, ""]);
    assert.deepEqual(names("out"), ["a.png", "b.png", "c.png"]);
  });
});

Deno.test("cli: standard output that is full, and one whose reader leaves", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withScene({ "a.png": rainy }, async ({ folder, models, names }) => {
    const means = ["--models", models, "--device", "wasm"];
    const image = ["restore", "a.png", "-o", "-", ...means];
    const child = start(image, { cwd: folder });
    await child.stdout.cancel();
    const [left, leftErrors] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
    ]);
    assert.deepEqual([left.code, leftErrors], [1, ""]);

    for (
      const [args, written] of [
        [image, []],
        [["restore", "a.png", "-o", "out/", ...means], ["a.png"]],
        [["models", "list", "--models", models], ["a.png"]],
        [["--help"], ["a.png"]],
      ] as const
    ) {
      const full = await limpid(args, { cwd: folder, stdoutTo: "/dev/full" });
      assert.equal(full.code, 1);
      assert.match(
        full.err,
        /^limpid: (a\.png: )?Standard output cannot be written; the disk is full\. \[unwritable\]\n$/,
      );
      if (written.length > 0) assert.deepEqual(names("out"), written);
    }
  });
});

Deno.test("cli: what cannot be done is named, the rest is done", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const files = {
    "a.png": rainy,
    "a.jxl": new TextEncoder().encode("\0\0\0\x0cJXL and so on"),
    "b.jpeg": rainy,
    "b.png": rainy,
  };
  await withScene(files, async ({ folder, run, names }) => {
    await Deno.symlink("/nowhere/x.jpg", join(folder, "lost.jpg"));
    const { code, out, err } = await run(["restore", ".", "-o", "out"]);
    assert.equal(code, 1);
    assert.deepEqual(names("out"), ["a.png", "b.png"]);
    assert.match(
      err,
      /^limpid: a\.jxl: .*\[unsupported-format\]\nlimpid: b\.png: .*as that of b\.jpeg is.*\[unwritable\]\nlimpid: lost\.jpg is a link .*\[not-found\]\n$/,
    );
    assert.match(out, /\n2 done, 3 failed\n$/);
  });
});

Deno.test("cli: arguments and manifests give a terminal nothing to obey", async () => {
  await withScene({ "a.png": rainy }, async ({ models, run }) => {
    const path = join(models, "manifest.json");
    const manifest = JSON.parse(await Deno.readTextFile(path));
    manifest.models[0].licence =
      "\x1b]0;pwned\x07\x1b[31mMIT\n  verified\x9b2J";
    await Deno.writeTextFile(path, JSON.stringify(manifest));
    for (
      const args of [
        ["models", "list"],
        ["models", "list", "--json"],
        ["\x1b[31mrestroe"],
        ["models", "\x1b[31mlist"],
        ["models", "verify", "\x1b[31mid"],
        ["restore", "a.png", "-o", "b.png", "--task", "\x1b[31mrain"],
        ["restore", "a.png", "--\x1b[31mout", "b.png"],
        ["restore", "\x1b[31ma.png", "-o", "b.png"],
        ["restore", "\x1b[31ma.png", "-o", "b.png", "--json"],
        ["batch", "\x1b[31min", "out"],
      ]
    ) {
      const { out, err } = await run(args);
      assert.notEqual(out + err, "");
      assert.doesNotMatch(out + err, /(?!\n)\p{Cc}/u, args.join(" "));
    }
  });
});

Deno.test("cli: variables stand for flags, flags win", async () => {
  await withScene({ "a.png": rainy }, async ({ run, names }) => {
    const env = { LIMPID_OUT: "x/", LIMPID_FORMAT: "webp", LIMPID_QUIET: "1" };
    const byVariable = await run(["restore", "a.png"], { env });
    assert.equal(byVariable.code, 0, byVariable.err);
    assert.equal(byVariable.out, "");
    const byFlag = await run(
      ["restore", "a.png", "--format", "jpeg", "--no-quiet"],
      { env },
    );
    assert.equal(byFlag.code, 0, byFlag.err);
    assert.match(byFlag.out, /a\.jpg: rain/);
    assert.deepEqual(names("x"), ["a.jpg", "a.webp"]);
  });
});

Deno.test("cli: a variable that stands for nothing is an error, whatever the command", async () => {
  await withScene({ "a.png": rainy }, async ({ run, names }) => {
    const env = { LIMPID_SZIE: "large" };
    for (
      const args of [
        ["restore", "a.png", "-o", "b.png"],
        ["mask", "a.png", "-o", "b.png"],
        ["batch", ".", "out"],
        ["models", "list"],
        ["serve", "--port", "0"],
      ]
    ) {
      const { code, err } = await run(args, { env });
      assert.equal(code, 2);
      assert.match(
        err,
        /no variable LIMPID_SZIE \(did you mean LIMPID_SIZE\?\).*\[invalid-option\]/,
      );
    }
    assert.deepEqual(names(), ["a.png"]);
    // Those of other commands are no fault.
    const others = { LIMPID_PORT: "8000", LIMPID_CACHE_LIMIT: "1GB" };
    assert.equal((await run(["models", "list"], { env: others })).code, 0);
  });
});

Deno.test("cli: an input is replaced only when asked for", async () => {
  await withScene({ "a.png": rainy }, async ({ folder, run, names }) => {
    const refused = await run(["restore", "a.png", "-o", "."]);
    assert.equal(refused.code, 2);
    assert.match(refused.err, /over its own input a\.png.*--overwrite/);
    assert.deepEqual(await Deno.readFile(join(folder, "a.png")), rainy);
    const asked = await run(["restore", "a.png", "-o", ".", "--overwrite"]);
    assert.equal(asked.code, 0, asked.err);
    assert.notDeepEqual(await Deno.readFile(join(folder, "a.png")), rainy);
    assert.deepEqual(names(), ["a.png"]);
  });
});

Deno.test("cli: a mask, and one laid over the image", async () => {
  await withScene({ "a.png": rainy }, async ({ folder, run }) => {
    const grey = await run(["mask", "a.png", "-o", "m.png", "--json"]);
    assert.equal(grey.code, 0, grey.err);
    const { tiles, identicalPixels, task, coverage } = JSON.parse(grey.out);
    assert.deepEqual([tiles, identicalPixels], [undefined, undefined]);
    assert.deepEqual([task, coverage], ["rain", 0.5]);
    const over = await run(["mask", "a.png", "-o", "o.png", "--overlay"]);
    assert.equal(over.code, 0, over.err);
    const [m, o] = await Promise.all(
      ["m.png", "o.png"].map((name) => Deno.readFile(join(folder, name))),
    );
    assert.deepEqual([m, o].map((bytes) => pngSize(bytes!)), [
      "96x64",
      "96x64",
    ]);
    assert.notDeepEqual(m, o);
  });
});

Deno.test("cli: models are listed and verified", async () => {
  await withScene({}, async ({ models, run }) => {
    const listed = await run(["models", "list"]);
    assert.equal(listed.code, 0, listed.err);
    assert.match(listed.out, /fake-mask +mask +small .*\n.*fake-rain +rain /);
    assert.equal((await run(["models", "verify"])).code, 0);

    await Deno.writeFile(join(models, "mask.onnx"), new Uint8Array(9));
    const verified = await run(["models", "verify", "--json"]);
    assert.equal(verified.code, 1);
    const [first, ...others] = verified.out.trimEnd().split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual([first.id, first.error.code], [
      "fake-mask",
      "model-corrupt",
    ]);
    assert.ok(others.every(({ ok }) => ok));

    assert.equal((await run(["models", "lsit"])).code, 2);
  });
});

Deno.test("cli: Ctrl-C ends the batch and leaves nothing half done", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const files = Object.fromEntries(
    Array.from(
      { length: 60 },
      (_, i) => [`${String(i).padStart(2, "0")}.png`, rainy],
    ),
  );
  await withScene(files, async ({ folder, models, names }) => {
    const child = start(
      ["restore", ".", "-o", "out", "--models", models, "--device", "wasm"],
      { cwd: folder },
    );
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await lines.read();
    assert.match(value ?? "", /^00\.png/);
    child.kill("SIGINT");
    let rest = "";
    for (;;) {
      const { done, value } = await lines.read();
      if (done) break;
      rest += value;
    }
    const [{ code }, errors] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
    ]);
    assert.equal(code, 130, errors);
    assert.match(rest, /interrupted, \d+ not done\n$/);
    const written = names("out");
    assert.ok(written.length >= 1 && written.length < 60);
    assert.ok(written.every((name) => /^\d\d\.png$/.test(name)));
  });
});

Deno.test("cli: deno task takes paths from where it is called", async () => {
  await withScene({ "a.png": rainy }, async ({ folder, names }) => {
    const config = fileURLToPath(new URL("../deno.json", import.meta.url));
    const env = Object.fromEntries(
      Object.entries(Deno.env.toObject())
        .filter(([name]) => !/^(LIMPID_|INIT_CWD$)/.test(name)),
    );
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "task",
        `--config=${config}`,
        "mask",
        "a.png",
        "-o",
        "my mask.png",
      ],
      cwd: folder,
      clearEnv: true,
      env: { ...env, LIMPID_MODELS: "../models", LIMPID_DEVICE: "wasm" },
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.deepEqual(names(), ["a.png", "my mask.png"]);
  });
});

Deno.test("cli: installed as the README says, it restores without a word too many", async () => {
  const root = new URL("../", import.meta.url);
  const readme = await Deno.readTextFile(new URL("README.md", root));
  const line = /`deno (install -g [^`]+)`/.exec(readme)![1]!;
  const { denoDir } = JSON.parse(
    new TextDecoder().decode(
      (await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] })
        .output()).stdout,
    ),
  );
  await withScene({ "a.png": rainy }, async ({ folder, models, names }) => {
    const home = join(folder, "..", "home");
    await Deno.mkdir(home);
    const env = {
      HOME: home,
      DENO_DIR: denoDir,
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
      PATH: `${join(Deno.execPath(), "..")}:/usr/bin:/bin`,
    };
    const install = await new Deno.Command(Deno.execPath(), {
      args: line.replaceAll('"', "").split(" "),
      cwd: fileURLToPath(root),
      env,
    }).output();
    assert.ok(install.success, new TextDecoder().decode(install.stderr));
    const limpid = (
      args: string[],
      clearEnv: boolean,
    ): Promise<Deno.CommandOutput> =>
      new Deno.Command(join(home, ".deno", "bin", "limpid"), {
        args,
        cwd: folder,
        clearEnv,
        env,
      }).output();
    const restore = ["restore", "a.png", "--models", models, "--quiet"];
    // The first run of all tells which packages Deno fetches.
    await limpid([...restore, "-o", join(home, "first.png")], false);
    // Nothing of a desktop, as on a server.
    const { success, stderr } = await limpid(restore, true);
    assert.equal(new TextDecoder().decode(stderr), "");
    assert.ok(success);
    assert.deepEqual(names(), ["a-restored.png", "a.png"]);
  });
});

Deno.test("cli: installed from a folder or a server, it works without the permission for any variable", async () => {
  await using server = serveRepository();
  const { host } = new URL(server.origin);
  for (
    const [cli, ...granted] of [
      [new URL("../cli.ts", import.meta.url).href],
      [`${server.origin}/cli.ts`, `--reload=${server.origin}`]
        .concat(`--allow-import=${host}`),
    ]
  ) {
    await withScene({ "a.png": rainy }, async ({ folder, models, names }) => {
      const root = join(folder, "..", "root");
      const deno = async (...args: string[]): Promise<void> => {
        const { code, stderr } = await new Deno.Command(Deno.execPath(), {
          args,
          cwd: folder,
          stdin: "null",
          env: { NO_COLOR: "1", LIMPID_CWD: "/nonexistent" },
        }).output();
        assert.equal(code, 0, new TextDecoder().decode(stderr));
      };
      await deno(
        "install",
        "--global",
        "--root",
        root,
        "--name",
        "limpid",
        "--no-config",
        "--no-prompt",
        "--allow-read",
        "--allow-write",
        ...granted,
        cli!,
      );
      const installed = join(root, "bin", "limpid");
      const script = await Deno.readTextFile(installed);
      const args = /exec (?:deno|\S*deno\S*) (.*) "\$@"/.exec(script)?.[1]
        ?.split(" ").map((arg) => arg.replace(/^'(.*)'$/, "$1"));
      assert.ok(args !== undefined, script);
      const means = ["--models", models, "--device", "wasm", "--quiet"];
      await deno(...args, "restore", "a.png", "-o", "b.png", ...means);
      await deno(...args, "batch", ".", "out", ...means);
      assert.deepEqual(names("out"), ["a.png", "b.png"]);
    });
  }
});
