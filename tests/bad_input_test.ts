/**
 * What is wrong with an input is told in one sentence with a stable code, costs
 * little, and leaves nothing behind.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { ErrorCode } from "../lib/errors.ts";
import { limpid, type Run } from "./command_line.ts";
import { withScene } from "./cli_scene.ts";
import { avif, gif, grainy, greyJpeg, tiff } from "./images.ts";

/** Most that a bad input may cost: bytes of memory, the runtime's own included, and milliseconds. */
const MEMORY = 500e6;

function assertModest(peak: number): void {
  // Elsewhere a process's memory is not to be had this way.
  if (Deno.build.os !== "linux") return;
  assert.ok(peak > 0 && peak < MEMORY, `${peak} bytes`);
}
const TIME = 30_000;

const good = grainy(64, 48, (x) => x < 32 ? [255, 40, 40] : [20, 40, 40]);
const GOOD = { "good.png": good };
const jpeg = greyJpeg(1024, 1024);

/** The name of a bad file, its bytes, the code, and what the sentence must say. */
const FILES: readonly [string, Uint8Array, ErrorCode, RegExp][] = [
  [
    "text.png",
    new TextEncoder().encode("no image at all\n"),
    "not-an-image",
    /./,
  ],
  ["empty.png", new Uint8Array(), "empty-input", /empty/],
  ["cut.png", good.slice(0, good.length / 2), "corrupt-image", /./],
  ["cut.jpg", jpeg.slice(0, jpeg.length / 2), "corrupt-image", /./],
  ["crc.png", wrongChecksum(good), "corrupt-image", /./],
  // Unchecked, this one took 26 s and 4.4 GB in a decoder that trusts headers.
  ["bomb.jpg", greyJpeg(20000, 20000, 364_000), "too-many-pixels", /20000/],
  // And this one asked for 17 GB.
  ["bomb.gif", gif(65535, 65535), "too-many-pixels", /65535/],
  ["scan.tiff", tiff(), "corrupt-image", /tiff/],
  ["photo.avif", avif(), "unsupported-format", /film/],
];

/** The first byte of the CRC of IDAT, the chunk before the 12 bytes of IEND. */
function wrongChecksum(image: Uint8Array<ArrayBuffer>): Uint8Array {
  const copy = image.slice();
  copy[copy.length - 16]! ^= 1;
  return copy;
}

/** One sentence with a code, and only the files that were there before. */
function checkFailure(
  run: Run,
  exit: 1 | 2,
  code: ErrorCode,
  folder: string,
  files: readonly string[],
): void {
  assert.equal(run.code, exit, run.err);
  assert.match(run.err, new RegExp(`^limpid: [^\\n]+\\. \\[${code}\\]\\n$`));
  assert.equal(run.out, "");
  const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assert.deepEqual(left.sort(), files.toSorted());
}

for (const [name, bytes, code, says] of FILES) {
  Deno.test(`bad input: ${name} is ${code}`, async () => {
    await withScene(GOOD, async ({ folder, models }) => {
      await Deno.remove(join(folder, "good.png"));
      await Deno.writeFile(join(folder, name), bytes);
      const began = performance.now();
      const run = await limpid(
        [
          "restore",
          name,
          "-o",
          "out.png",
          "--models",
          models,
          "--device",
          "wasm",
        ],
        { cwd: folder },
      );
      checkFailure(run, 1, code, folder, [name]);
      assert.match(run.err, says);
      assertModest(run.peak);
      assert.ok(performance.now() - began < TIME);
    });
  });
}

Deno.test("bad input: of a folder with bad files, the others are done", async () => {
  await withScene(GOOD, async ({ folder, models }) => {
    for (const [name, bytes] of FILES) {
      await Deno.writeFile(join(folder, name), bytes);
    }
    const run = await limpid(
      [
        "restore",
        ".",
        "-o",
        "out",
        "--json",
        "--models",
        models,
        "--device",
        "wasm",
      ],
      { cwd: folder },
    );
    assert.equal(run.code, 1, run.err);
    const lines = run.out.trimEnd().split("\n").map((line) => JSON.parse(line));
    const codes = Object.fromEntries(
      lines.map(({ input, error }) => [input, error?.code ?? "done"]),
    );
    assert.deepEqual(codes, {
      ...Object.fromEntries(FILES.map(([name, , code]) => [name, code])),
      "good.png": "done",
    });
    const written = [...Deno.readDirSync(join(folder, "out"))];
    assert.deepEqual(written.map(({ name }) => name), ["good.png"]);
    assertModest(run.peak);
  });
});

Deno.test("bad input: an output folder that cannot be written", async () => {
  await withScene(GOOD, async ({ folder, models }) => {
    const run = await limpid(
      ["restore", "good.png", "-o", "good.png/out/", "--models", models],
      { cwd: folder },
    );
    checkFailure(run, 1, "unwritable", folder, ["good.png"]);
  });
});

Deno.test("bad input: a missing model, a model with one bit changed, no store", async () => {
  await withScene(GOOD, async ({ folder, models }) => {
    const args = ["restore", "good.png", "-o", "out.png", "--device", "wasm"];
    const file = join(models, "restore.onnx");
    const bytes = await Deno.readFile(file);

    bytes[bytes.length >> 1]! ^= 1;
    await Deno.writeFile(file, bytes);
    const changed = await limpid([...args, "--models", models], {
      cwd: folder,
    });
    checkFailure(changed, 1, "model-corrupt", folder, ["good.png"]);
    assert.match(changed.err, /sha256/);

    await Deno.remove(file);
    const missing = await limpid([...args, "--models", models], {
      cwd: folder,
    });
    checkFailure(missing, 1, "model-missing", folder, ["good.png"]);
    assert.match(missing.err, /restore\.onnx/);

    const nowhere = await limpid([...args, "--models", "none"], {
      cwd: folder,
    });
    checkFailure(nowhere, 1, "model-missing", folder, ["good.png"]);
  });
});

const USAGE: readonly [string[], RegExp][] = [
  [["--task", "fog"], /--task .* rain, raindrop, haze, blur.* "fog"/],
  [["--task", "rain,rain"], /--task .* each once, not "rain,rain"/],
  [["--task", "rain", "--task", "haze"], /--task is given twice/],
  [["--min-confidence", "1.5"], /--min-confidence .* from 0 to 1, not 1\.5\./],
  [["--strength", "NaN"], /--strength .* "NaN"/],
  [["--strength", "2"], /--strength must be a number from 0 to 1, not 2\./],
  [["--halo", "8"], /--halo must be a multiple of 16/],
  [["--tile", "100"], /--tile must be a multiple of 16/],
  [["--quality", "0"], /--quality must be a number from 1 to 100, or lossless/],
  [["--device", "tpu"], /--device .* "tpu"/],
];

Deno.test("bad input: options that cannot be", async (t) => {
  await withScene(GOOD, async ({ folder, models }) => {
    for (const [flags, says] of USAGE) {
      await t.step(flags.join(" "), async () => {
        const run = await limpid(
          ["restore", "good.png", "-o", "out/", "--models", models, ...flags],
          { cwd: folder, env: { LIMPID_DEVICE: "wasm" } },
        );
        checkFailure(run, 2, "invalid-option", folder, ["good.png"]);
        assert.match(run.err, says);
      });
    }
  });
});

Deno.test("bad input: an image too large for --max-memory is refused by its header", async () => {
  await withScene(GOOD, async ({ folder, models }) => {
    await Deno.remove(join(folder, "good.png"));
    await Deno.writeFile(join(folder, "large.jpg"), greyJpeg(7000, 7000));
    const run = await limpid(
      [
        "restore",
        "large.jpg",
        "-o",
        "out.png",
        "--max-memory",
        "1000",
        "--models",
        models,
        "--device",
        "wasm",
      ],
      { cwd: folder },
    );
    checkFailure(run, 1, "too-much-memory", folder, ["large.jpg"]);
    assert.match(run.err, /7000x7000 .* 1000 MiB/);
    assertModest(run.peak);
  });
});
