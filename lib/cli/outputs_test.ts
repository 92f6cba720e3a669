import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { foldName, isDone, jobsOf, targetsOf } from "./outputs.ts";
import type { OutputFormat } from "../types.ts";

const one = (path: string): Parameters<typeof targetsOf>[0] => ({
  paths: [path],
  folder: false,
  skipped: [],
});
const many = (...paths: string[]): Parameters<typeof targetsOf>[0] => ({
  paths,
  folder: false,
  skipped: [],
});

Deno.test("one input, one file: its extension says the format", async () => {
  const cases: [string, OutputFormat | undefined, OutputFormat | undefined][] =
    [
      ["out.png", undefined, "png"],
      ["out.JPEG", undefined, "jpeg"],
      ["out.webp", "webp", "webp"],
      ["out", undefined, undefined],
      ["out", "jpeg", "jpeg"],
      ["-", undefined, undefined],
      ["-", "png", "png"],
    ];
  for (const [out, asked, format] of cases) {
    const { targets, folder } = await targetsOf(one("a.gif"), out, asked, "-o");
    assert.deepEqual(targets, [{ path: out, format }]);
    assert.equal(folder, null);
  }
});

Deno.test("an extension that is not written, or contradicts the format", async () => {
  for (const out of ["out.gif", "out.svg", "out.v2"]) {
    await assert.rejects(targetsOf(one("a.png"), out, undefined, "-o"), {
      code: "invalid-option",
      message: /-o out\.\w+ names no format that is written/,
    });
  }
  await assert.rejects(targetsOf(one("a.png"), "m.jpg", "png", "--mask-out"), {
    code: "invalid-option",
    message: /--mask-out m\.jpg ends like a JPEG file, but the format is PNG/,
  });
});

/** The first bytes of files, which tell their format. */
const BEGINNINGS = {
  jpeg: [0xff, 0xd8, 0xff, 0xe0],
  png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  gif: [...new TextEncoder().encode("GIF89a")],
  webp: [...new TextEncoder().encode("RIFF0000WEBPVP8 ")],
  psd: [...new TextEncoder().encode("8BPS")],
};

async function withFiles(
  files: Readonly<Record<string, keyof typeof BEGINNINGS>>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, format] of Object.entries(files)) {
      const bytes = new Uint8Array(BEGINNINGS[format]);
      await Deno.writeFile(join(folder, name), bytes);
    }
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("several inputs: stems stay, the content says the format", async () => {
  const files = {
    "a.b.jpeg": "jpeg",
    "b.gif": "gif",
    "c.WEBP": "webp",
    "lies.png": "jpeg",
    "noext": "webp",
    "photo.jpg_large": "jpeg",
    "scan.png": "psd",
  } as const;
  await withFiles(files, async (folder) => {
    const names = [...Object.keys(files), "missing.png"];
    const inputs = many(...names.map((name) => join(folder, name)));
    const found = await targetsOf(inputs, "out", undefined, "-o");
    assert.equal(found.folder, "out");
    assert.deepEqual(found.targets, [
      { path: join("out", "a.b.jpg"), format: "jpeg" },
      { path: join("out", "b.png"), format: "png" },
      { path: join("out", "c.webp"), format: "webp" },
      { path: join("out", "lies.jpg"), format: "jpeg" },
      { path: join("out", "noext.webp"), format: "webp" },
      { path: join("out", "photo.jpg"), format: "jpeg" },
      null,
      null,
    ]);
    await assert.rejects(targetsOf(inputs, "-", undefined, "-o"), {
      code: "invalid-option",
    });
  });
});

Deno.test("several inputs do not go into a folder named like an image", async () => {
  const inputs = many("a.png", "b.jpg");
  const folder = { ...one("a.png"), folder: true };
  for (const input of [inputs, folder]) {
    await assert.rejects(targetsOf(input, "file.png", undefined, "-o"), {
      code: "invalid-option",
      message: /^-o file\.png is named as one image/,
    });
  }
  const { folder: asked } = await targetsOf(inputs, "x.png/", undefined, "-o");
  assert.equal(asked, "x.png/");
});

Deno.test("one input goes into a folder that exists or ends in a slash", async () => {
  await withFiles({ "a.png": "png" }, async (folder) => {
    for (const out of [folder, "new/"]) {
      const input = one(join(folder, "a.png"));
      const found = await targetsOf(input, out, "jpeg", "-o");
      assert.equal(found.folder, out);
      assert.equal(found.targets[0]!.path, join(out, "a.jpg"));
    }
  });
});

Deno.test("of two results in one place the first is done, the other refused", async () => {
  const at = (path: string): { path: string; format: "png" } => ({
    path,
    format: "png",
  });
  const inputs = ["x/a.png", "y/a.tif", "y/a.jpg", "y/b.jpg"];
  const targets = [at("out/a.png"), null, at("./out/a.png"), at("out/b.png")];
  const jobs = await jobsOf(inputs, [targets], false);
  assert.deepEqual(jobs.map((job) => job.targets.length), [1, 0, 0, 1]);
  assert.deepEqual(
    jobs.map(({ refusal }) => refusal?.code),
    [undefined, undefined, "unwritable", undefined],
  );
  assert.match(jobs[2]!.refusal!.message, /out\/a\.png, as that of x\/a\.png/);
  // Writing an image's mask over the image itself is a usage error.
  await assert.rejects(
    jobsOf(["a.png"], [[at("o.png")], [at(resolve("o.png"))]], true),
    { code: "invalid-option", message: /Image and mask/ },
  );
  const standard = [[at("-")], [at("-")]];
  await assert.rejects(jobsOf(["a.png"], standard, true), {
    code: "invalid-option",
  });
});

Deno.test("names of one file: by case on Windows, by accents too on macOS", () => {
  const names = ["\u00c9t\u00e9.JPG", "e\u0301te\u0301.jpg"];
  const folded = (os: typeof Deno.build.os): number =>
    new Set(names.map((name) => foldName(name, os))).size;
  assert.equal(folded("darwin"), 1);
  assert.equal(folded("windows"), 2);
  assert.equal(foldName("A.JPG", "windows"), foldName("a.jpg", "windows"));
  assert.notEqual(foldName("A.JPG", "linux"), foldName("a.jpg", "linux"));
});

Deno.test("a place that is taken stays so for the whole run, but for its own input", async () => {
  const taken = new Map<string, string>();
  const target = [[{ path: "out/p.jpg", format: "jpeg" as const }]];
  const again = async (input: string): Promise<string | undefined> =>
    (await jobsOf([input], target, false, {}, taken))[0]!.refusal?.code;
  assert.equal(await again("in/p.jpg"), undefined);
  assert.equal(await again("in/p.jpeg"), "unwritable");
  assert.equal(await again("in/p.jpg"), undefined);
});

Deno.test("an input is replaced only when asked for, whatever it is called, and never by another's result", async () => {
  await withFiles({ "a.png": "png", "b.png": "png" }, async (folder) => {
    const [a, b] = [join(folder, "a.png"), join(folder, "b.png")];
    for (const path of [a, join(folder, ".", "a.png")]) {
      const targets = [{ path, format: undefined }];
      await assert.rejects(jobsOf([a], [targets], false), {
        code: "invalid-option",
        message: /written over its own input/,
      });
      const [job] = await jobsOf([a], [targets], true);
      assert.deepEqual(job, { input: a, targets });
    }
    const swapped = [b, a].map((path) => ({ path, format: undefined }));
    for (const { refusal } of await jobsOf([a, b], [swapped], true)) {
      assert.match(refusal?.message ?? "", /over another input/);
    }
  });
});

Deno.test("neither the mask nor the report is written over, and the report over nothing", async () => {
  const files = { "a.png": "png", "m.png": "png" } as const;
  await withFiles(files, async (folder) => {
    const [a, mask] = [join(folder, "a.png"), join(folder, "m.png")];
    const link = join(folder, "r.html");
    await Deno.symlink(a, link);
    const page = join(folder, "out.html");
    for (
      const [target, beside, what] of [
        [mask, { mask }, /result would be written over the mask/],
        [page, { report: page }, /result would be written over the report/],
        [join(folder, "o.png"), { report: a }, /is named as an image/],
        [join(folder, "o.png"), { report: link }, /report would be .* input/],
      ] as const
    ) {
      const targets = [[{ path: target, format: undefined }]];
      await assert.rejects(jobsOf([a], targets, true, beside), {
        code: "invalid-option",
        message: what,
      });
    }
  });
});

Deno.test("isDone: all results are there, none older than its input", async () => {
  const folder = await Deno.makeTempDir();
  const at = (name: string): string => join(folder, name);
  const made = async (name: string, seconds: number): Promise<void> => {
    await Deno.writeTextFile(at(name), "");
    await Deno.utime(at(name), seconds, seconds);
  };
  const targets = ["result.png", "mask.png"].map((name) => ({
    path: at(name),
    format: "png" as const,
  }));
  const job = { input: at("photo.jpg"), targets };
  try {
    await made("photo.jpg", 1000);
    assert.equal(await isDone(job), false);
    await made("result.png", 1000);
    assert.equal(await isDone(job), false);
    await made("mask.png", 2000);
    assert.equal(await isDone(job), true);
    // Another photograph under the same name.
    await made("photo.jpg", 1500);
    assert.equal(await isDone(job), false);
    // Nothing could ever be newer than it.
    await made("photo.jpg", Date.now() / 1000 + 86_400);
    assert.equal(await isDone(job), true);
    assert.equal(await isDone({ ...job, targets: [] }), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
