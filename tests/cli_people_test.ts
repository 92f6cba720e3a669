/** The command line as people use it first: few flags, results beside their photographs, tables and pages. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { decode, type Decoded } from "../lib/codecs/decode.ts";
import { encode } from "../lib/codecs/encode.ts";
import { deepTiff } from "../lib/codecs/test_deep_tiff.ts";
import { pngFile } from "../lib/codecs/test_images.ts";
import { limpid, start } from "./command_line.ts";
import { withScene } from "./cli_scene.ts";
import { writeFakeModels } from "./fake_models.ts";
import { grainy, png } from "./images.ts";

const rainy = grainy(96, 64, (x) => x < 48 ? [255, 40, 40] : [20, 40, 40]);
const clean = png(96, 64, () => [10, 40, 40]);
const LIMITS = { maxPixels: 1e6, maxBytes: 1e6 };

Deno.test("cli: without -o a result lies beside its photograph, and is no input later", async () => {
  await withScene(
    { "a.png": rainy, "b.png": clean },
    async ({ run, names }) => {
      assert.equal((await run(["restore", "a.png"])).code, 0);
      assert.deepEqual(names(), ["a-restored.png", "a.png", "b.png"]);
      const { code, out } = await run(["restore", "."]);
      assert.equal(code, 0);
      assert.match(out, /^2 done, 1 skipped \(results of an earlier run\)$/m);
      assert.deepEqual(names(), [
        "a-restored.png",
        "a.png",
        "b-restored.png",
        "b.png",
      ]);
      // As a shell writes *.png.
      const all = await run(["restore", ...names()]);
      assert.equal(all.code, 0, all.err);
      assert.match(all.out, /^2 done, 2 skipped/m);
      // Named alone, it is an input like others.
      const alone = await run(["restore", "b-restored.png"]);
      assert.equal(alone.code, 0, alone.err);
      assert.ok(names().includes("b-restored-restored.png"));
      const piped = await run(["restore", "-"]);
      assert.equal(piped.code, 2);
      assert.match(piped.err, /add -o OUT/);
    },
  );
});

Deno.test("cli: an AVIF is written where its name says so, and one that is read comes back as one", async () => {
  await withScene({ "a.png": rainy }, async ({ run, folder, names }) => {
    const made = await run(["restore", "a.png", "-o", "b.avif"]);
    assert.equal(made.code, 0, made.err);
    const again = await run(["restore", "b.avif", "--task", "rain"]);
    assert.equal(again.code, 0, again.err);
    assert.deepEqual(names(), ["a.png", "b-restored.avif", "b.avif"]);
    for (const name of ["b.avif", "b-restored.avif"]) {
      const file = await Deno.readFile(join(folder, name));
      const { format, raster } = await decode(file, LIMITS);
      assert.deepEqual([format, raster.width, raster.height], ["avif", 96, 64]);
    }
    const lossless = await run(
      ["restore", "a.png", "-o", "c.avif", "--quality", "lossless"],
    );
    assert.equal(lossless.code, 2);
    assert.match(lossless.err, /AVIF has no lossless quality/);
  });
});

Deno.test("cli: an image that an option does not fit fails, and the next is begun", async () => {
  const mask = png(96, 64, () => [255, 255, 255]);
  await withScene(
    { "a.png": png(32, 32, () => [9, 9, 9]), "b.png": rainy, "mask.png": mask },
    async ({ run, names }) => {
      const both = await run(
        ["restore", "a.png", "b.png", "-o", "out", "--mask", "mask.png"],
      );
      assert.equal(both.code, 1, both.err);
      assert.match(both.err, /^limpid: a\.png: .*\[invalid-option\]$/m);
      assert.match(both.out, /^1 done, 1 failed$/m);
      assert.deepEqual(names("out"), ["b.png"]);
    },
  );
});

/** Rain on the left; low bytes that 8 bits would lose. */
function deep(x: number, y: number, c: number): number {
  const grain = 8 * ((x + y) % 2);
  const [r, g, b] = x < 48 ? [255, 40, 40 + grain] : [20, 40, 40 + grain];
  return [r!, g!, b!][c]! * 256 + (x * 31 + y * 7 + c) % 256;
}

Deno.test("cli: 16 bits a channel are kept from PNG and TIFF where that is asked for", async () => {
  const parts = { width: 96, height: 64, sample: deep } as const;
  const files = {
    "a.png": pngFile({ ...parts, depth: 16, colourType: 2 }),
    "b.tif": deepTiff({ ...parts, channels: 3, compression: "Deflate" }),
    "c.jpg": await encode(
      { width: 96, height: 64, data: new Uint8Array(4 * 96 * 64).fill(99) },
      { format: "jpeg" },
    ),
  };
  await withScene(files, async ({ run, folder, names }) => {
    const read = async (name: string): Promise<Decoded> =>
      await decode(await Deno.readFile(join(folder, name)), LIMITS, 16);
    const before = (await read("a.png")).deep!.data;
    const done = await run(["restore", ".", "-o", "out", "--depth", "16"]);
    assert.equal(done.code, 0, done.err);
    assert.deepEqual(names("out"), ["a.png", "b.png", "c.jpg"]);
    assert.equal(
      done.out.match(/The JPEG has 8 bits a channel, and so has its result\./g)
        ?.length,
      1,
      done.out,
    );
    for (const name of ["out/a.png", "out/b.png"]) {
      const { data } = (await read(name)).deep!;
      let changed = 0;
      for (let i = 0; i < data.length; i++) {
        if ((i >> 2) % 96 >= 48) {
          assert.equal(data[i], before[i], `${name} ${i}`);
        } else changed += Number(data[i] !== before[i]);
      }
      assert.ok(changed > 1000, name);
    }
    const shared = await run(["batch", ".", "shared", "--depth", "16"]);
    assert.equal(shared.code, 0, shared.err);
    assert.ok((await read("shared/a.png")).deep);
    assert.ok((await read("shared/b.tif.png")).deep);

    const tiff = await run([
      "restore",
      "b.tif",
      "-o",
      "e.tif",
      "--depth",
      "16",
    ]);
    assert.equal(tiff.code, 0, tiff.err);
    assert.deepEqual(
      (await read("e.tif")).deep!.data,
      (await read("out/b.png")).deep!.data,
    );

    await run(["restore", "b.tif", "-o", "plain.png"]);
    assert.equal((await read("plain.png")).bitDepth, 8);
    for (
      const [args, told] of [
        [["a.png", "--depth", "16", "--format", "jpeg"], /JPEG holds 8 bits/],
        [["a.png", "--depth", "16", "-o", "d.webp"], /WebP holds 8 bits/],
        [["a.png", "--depth", "12"], /--depth must be one of 8, 16/],
      ] as const
    ) {
      const refused = await run(["restore", ...args]);
      assert.equal(refused.code, 2);
      assert.match(refused.err, told);
    }
    assert.ok(!names().includes("d.webp"));
  });
});

Deno.test("cli: triage puts the worst first and writes nothing", async () => {
  const files = { "a.png": clean, 'b, "c".png': rainy };
  await withScene(files, async ({ run, names }) => {
    const table = await run(["triage", "."]);
    assert.equal(table.code, 0, table.err);
    const [head, first, second] = table.out.split("\n");
    assert.match(head!, /^found +sure +covers +severity +image$/);
    assert.match(first!, /^rain .* b, "c"\.png$/);
    assert.match(second!, /^clean .* a\.png$/);
    const { out } = await run(["triage", ".", "--csv"]);
    const lines = out.trimEnd().split("\n");
    assert.equal(
      lines[0],
      "input,task,tasks,confidence,coverage,severity,width,height,warnings",
    );
    assert.match(lines[1]!, /^"b, ""c""\.png",rain,rain,\d\.\d{4},0\.500000,/);
    assert.match(lines[2]!, /^a\.png,clean,,.*,$/);
    assert.equal(lines.length, 3);
    const json = (await run(["triage", "a.png", "--json"])).out;
    const object = JSON.parse(json);
    assert.equal(object.task, "clean");
    assert.equal("output" in object, false);
    assert.deepEqual(names(), Object.keys(files).sort());
    assert.equal((await run(["triage", ".", "--csv", "--json"])).code, 2);
  });
});

Deno.test("cli: a mask restricts or protects", async () => {
  const top = png(96, 64, (_, y) => y < 32 ? [255, 255, 255] : [0, 0, 0]);
  await withScene(
    { "a.png": rainy, "mask.png": top },
    async ({ folder, run }) => {
      const given = await decode(rainy, LIMITS);
      for (
        const [use, restored] of [["restrict", 0], ["protect", 63]] as const
      ) {
        const args = ["restore", "a.png", "-o", `${use}.png`];
        const more = ["--mask", "mask.png", "--mask-use", use];
        const { code, err } = await run([...args, ...more]);
        assert.equal(code, 0, err);
        const file = await Deno.readFile(join(folder, `${use}.png`));
        const { raster } = await decode(file, LIMITS);
        for (const y of [0, 63]) {
          const at = 4 * 96 * y;
          const same = raster.data[at] === given.raster.data[at];
          assert.equal(same, y !== restored, `${use}, row ${y}`);
        }
      }
      const missing = await run(["restore", "a.png", "--mask", "none.png"]);
      assert.equal(missing.code, 1);
      assert.match(missing.err, /no file none\.png.*\[not-found\]/);
      const inFolder = await run(["restore", "a.png", "--mask", "."]);
      assert.match(inFolder.err, /is a folder.*\[unreadable\]/);
      const large = await run([
        ...["restore", "a.png", "--mask", "mask.png"],
        ...["--max-bytes", "100"],
      ]);
      assert.match(large.err, /longer than 100 bytes.*\[too-many-bytes\]/);
      const twice = await run(
        ["restore", "-", "-o", "b.png", "--mask", "-"],
        { stdin: rainy },
      );
      assert.deepEqual(
        [twice.code, /cannot be both.*\[invalid-option\]/.test(twice.err)],
        [2, true],
      );
    },
  );
});

Deno.test("cli: a report is one page that needs no other file", async () => {
  const files = { "a<b>.png": rainy, "c.png": clean };
  await withScene(files, async ({ folder, run, names }) => {
    const { code, err } = await run([
      "restore",
      ".",
      "-o",
      "out",
      "--report",
      "report.html",
    ]);
    assert.equal(code, 0, err);
    const page = await Deno.readTextFile(join(folder, "report.html"));
    assert.match(page, /<h2>a&#60;b&#62;\.png</);
    // The worst are first, once a browser has read it.
    const weights = [...page.matchAll(/<section data-weight="([\d.]+)"/g)];
    const sorted = weights.map(([, weight]) => Number(weight)).sort();
    assert.equal(sorted.length, 2);
    assert.ok(sorted[0] === 0 && sorted[1]! > 0, `${sorted}`);
    assert.equal(page.match(/src="data:image\/jpeg;base64,/g)?.length, 6);
    assert.doesNotMatch(page, /src="(?!data:)|href=|https?:/);
    // As the help says: in the folder that is made for the results.
    const beside = ["-o", "made", "--report", "made/report.html"];
    const made = await run(["restore", "c.png", "a<b>.png", ...beside]);
    assert.equal(made.code, 0, made.err);
    assert.deepEqual(names("made"), ["a<b>.png", "c.png", "report.html"]);
    // What failed is on the page, too.
    await Deno.writeTextFile(join(folder, "b.png"), "no image");
    const some = await run([
      "restore",
      "b.png",
      "c.png",
      ...beside,
      "--overwrite",
    ]);
    assert.equal(some.code, 1, some.err);
    const told = await Deno.readTextFile(join(folder, "made/report.html"));
    assert.match(told, /<h2>b\.png<.*Could not be done: .*not an image/s);
    assert.equal(told.match(/<section data-weight/g)?.length, 1);
    await Deno.remove(join(folder, "b.png"));
    // A limit of bytes holds, and what could not be written was not.
    await Deno.mkdir(join(folder, "made/d.png"));
    await Deno.writeFile(join(folder, "d.jpg"), clean);
    const unwritten = await run([
      "restore",
      "d.jpg",
      "c.png",
      ...beside,
      "--format",
      "png",
      "--overwrite",
    ]);
    assert.equal(unwritten.code, 1, unwritten.err);
    const later = await Deno.readTextFile(join(folder, "made/report.html"));
    assert.match(later, /<h2>d\.jpg<.*Could not be done: .*not a regular/s);
    assert.equal(later.match(/<section/g)?.length, 2);
    const bounded = await run([
      ...["restore", "c.png", "--report", "r.html", "--max-bytes", "9"],
    ]);
    assert.match(bounded.err, /longer than 9 bytes.*\[too-many-bytes\]/);
    await Deno.remove(join(folder, "d.jpg"));
    await Deno.remove(join(folder, "r.html"));
    const dash = await run(["restore", "c.png", "--report", "-"]);
    assert.deepEqual([dash.code, names().includes("-")], [2, false]);
    const nowhere = await run(["restore", "c.png", "--report", "no/r.html"]);
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.err, /\[unwritable\]/);
    assert.deepEqual(names(), [
      "a<b>.png",
      "c.png",
      "made",
      "out",
      "report.html",
    ]);
  });
});

Deno.test("cli: a watched folder's images are restored once they are there in full", async () => {
  await withScene({}, async ({ folder, run, env, names }) => {
    await Deno.mkdir(join(folder, "in"));
    const wrong = await run(["restore", "in", "--watch"]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /another folder/);
    const args = ["restore", "in", "-o", "out", "--watch"];
    const child = start(args, { cwd: folder, env });
    try {
      // Written slowly: not before it has rested is it taken.
      const slow = await Deno.open(join(folder, "in", "a.png"), {
        create: true,
        write: true,
      });
      for (let at = 0; at < rainy.length; at += 40) {
        await slow.write(rainy.subarray(at, at + 40));
        await new Promise((resolve) => setTimeout(resolve, 200));
        if (at > 200) at = Math.max(at, rainy.length - 80);
      }
      await slow.write(rainy.subarray((await slow.stat()).size));
      slow.close();
      const done = join(folder, "out", "a.png");
      while (!await Deno.stat(done).catch(() => null)) {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      const { raster } = await decode(await Deno.readFile(done), LIMITS);
      assert.equal(raster.width, 96);
    } finally {
      child.kill("SIGINT");
    }
    const { code, stderr } = await child.output();
    assert.equal(code, 130, new TextDecoder().decode(stderr));
    assert.equal(new TextDecoder().decode(stderr), "");

    // Begun again, it leaves what is done, and what cannot be done stops no other.
    await Deno.writeTextFile(join(folder, "out", "a.png"), "edited");
    await Deno.symlink("../out/a.png", join(folder, "in", "0.png"));
    await Deno.symlink("../in/link.png", join(folder, "out", "link.png"));
    await Deno.writeFile(join(folder, "in", "link.png"), rainy);
    await Deno.writeFile(join(folder, "in", "b.png"), rainy);
    const again = start(args, { cwd: folder, env });
    try {
      while (!names("out").includes("b.png")) {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    } finally {
      again.kill("SIGINT");
    }
    const ended = await again.output();
    assert.equal(ended.code, 130);
    assert.match(
      new TextDecoder().decode(ended.stderr),
      /link\.png.*over its own input/,
    );
    assert.equal(
      await Deno.readTextFile(join(folder, "out", "a.png")),
      "edited",
    );
  });
});

Deno.test("cli: a result that is named like an input is asked for by -o, and results are not looked at", async () => {
  await withScene({ "a.png": rainy }, async ({ run, names }) => {
    const two = await run(["restore", "a.png", "out.png"]);
    assert.equal(two.code, 2);
    assert.match(two.err, /There is no input out\.png.*-o out\.png/);
    assert.deepEqual(names(), ["a.png"]);
    assert.equal((await run(["restore", "a.png"])).code, 0);
    const { out } = await run(["triage", ".", "--csv"]);
    assert.match(out, /^a\.png,/m);
    assert.doesNotMatch(out, /restored/);
  });
});

Deno.test("cli: its version, and what doctor finds", async () => {
  const { out } = await limpid(["--version"]);
  assert.match(out, /^limpid \d+\.\d+\.\d+\n$/);
  await withScene({}, async ({ run }) => {
    const { code, out } = await run(["doctor", "--json"]);
    assert.equal(code, 0);
    const { works, findings } = JSON.parse(out);
    assert.equal(works, true);
    const named = findings.map(({ name }: { name: string }) => name);
    for (const name of ["limpid", "wasm", "cpu", "models", "cache"]) {
      assert.ok(named.includes(name), name);
    }
    const broken = await run(["doctor", "--models", "nowhere"]);
    assert.equal(broken.code, 1);
    assert.match(broken.out, /^-- +models /m);
    const models = await Deno.makeTempDir();
    try {
      await writeFakeModels(models);
      // One that is elsewhere is fetched when it is needed.
      const list = join(models, "manifest.json");
      const manifest = JSON.parse(await Deno.readTextFile(list));
      manifest.models[1].url = "https://models.example.org/restore.onnx";
      manifest.models[1].sha256 = "0".repeat(64);
      await Deno.writeTextFile(list, JSON.stringify(manifest));
      const whole = await run(["doctor", "--models", models]);
      assert.match(whole.out, /^ok +models .*1 of them are to be fetched/m);
      assert.equal(whole.code, 0);
      await Deno.remove(join(models, "restore.onnx"));
      const partial = await run(["doctor", "--models", models]);
      assert.equal(partial.code, 1);
      assert.match(partial.out, /^-- +models .*restore\.onnx/m);
    } finally {
      await Deno.remove(models, { recursive: true });
    }
  });
});
