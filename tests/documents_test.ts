/** What the documents say of models, against the manifest. */
import assert from "node:assert/strict";
import { COMMANDS } from "../lib/cli/main.ts";
import { FORMATS, OUTPUT_FORMATS } from "../lib/formats.ts";
import { parseManifest } from "../lib/models/manifest.ts";
import { MIN_CONFIDENCE, restorerSettings } from "../lib/options.ts";

const ROOT = new URL("../", import.meta.url);
const read = (name: string): Promise<string> =>
  Deno.readTextFile(new URL(name, ROOT));

/** What stands in the first columns of tables, between backticks. */
function named(markdown: string): Set<string> {
  const cells = markdown.matchAll(/^\|([^|]*)\|/gm);
  return new Set(
    [...cells].flatMap(([, cell]) =>
      [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
    ),
  );
}

Deno.test("documents: the tables of the model card name every model of the manifest, and no other", async () => {
  const { models } = parseManifest(
    await read("models/manifest.json"),
    "models/manifest.json",
  );
  const ids = new Set(models.map(({ id }) => id));
  const card = named(await read("models/README.md"));
  assert.deepEqual([...ids.difference(card)], [], "not in a table");
  const gone = [...card].filter((name) =>
    /^[a-z-]+-(small|large)-\d+$/.test(name) && !ids.has(name)
  );
  assert.deepEqual(gone, [], "not in the manifest");
});

Deno.test("manifest: the figures of a model are numbers, and of a set that has a name", async () => {
  const { models } = parseManifest(await read("models/manifest.json"), "");
  for (const { id, figures } of models) {
    const { set, ...measured } = figures;
    const values = Object.values(measured);
    assert.ok(values.every(Number.isFinite), `${id} says what is no number`);
    assert.equal(typeof set === "string", values.length > 0, id);
  }
});

Deno.test("documents: links lead to files that there are", async () => {
  const pages = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "models/README.md",
    "models/training/README.md",
  ];
  for await (const { name } of Deno.readDir(new URL("docs/", ROOT))) {
    pages.push(`docs/${name}`);
  }
  for (const page of pages) {
    const text = await read(page);
    for (const [, link] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(link!)) continue;
      const target = new URL(link!, new URL(page, ROOT));
      await assert.doesNotReject(Deno.stat(target), `${page}: ${link}`);
    }
  }
});

/** The cells of the table row that begins with a name, between backticks. */
function row(markdown: string, name: string): readonly string[] {
  const line = markdown.split("\n").find((line) =>
    line.startsWith(`| \`${name}`)
  );
  assert.ok(line, `there is no row of ${name}`);
  return line.split("|").map((cell) => cell.trim()).slice(1, -1);
}

Deno.test("documents: defaults and choices are those of the code", async () => {
  const library = await read("docs/library.md");
  const commands = await read("docs/command_line.md");
  const sure = `${MIN_CONFIDENCE}`;
  assert.equal(row(library, "minConfidence").at(-1), sure);
  assert.equal(row(commands, "--min-confidence").at(-1), sure);
  const [, percent] = (await read("README.md")).match(
    /`auto`, the default task, restores only what it is at least (\d+) % sure of/,
  )!;
  assert.equal(Number(percent), 100 * MIN_CONFIDENCE);

  assert.ok(
    (await read("lib/types.ts")).includes(`* Default ${sure}: less probable`),
  );

  const formats = [...row(commands, "--format F")[1]!.matchAll(/`([a-z]+)`/g)]
    .map(([, name]) => name).filter((name) => name! in FORMATS);
  assert.deepEqual(formats.toSorted(), [...OUTPUT_FORMATS].sort());

  const { maxPixels, maxBytes } = restorerSettings({});
  assert.equal(
    row(library, "maxPixels").at(-1),
    `${maxPixels / 1e6} million, ${maxBytes / 2 ** 20} MiB, none`,
  );

  const { models } = parseManifest(await read("models/manifest.json"), "");
  const cuts = models.flatMap(({ cut }) => cut ?? []);
  for (
    const [flag, side] of [["--tile N", "tile"], ["--halo N", "halo"]] as const
  ) {
    const sides = cuts.map((cut) => cut[side]).sort((a, b) => a - b);
    assert.equal(
      row(commands, flag).at(-1),
      `the model's, ${sides[0]} to ${sides.at(-1)}`,
    );
  }
});

Deno.test("documents: the help of each flag says its default, the manual has each flag that images are restored with", async () => {
  const manual = [...named(await read("docs/command_line.md"))]
    .map((cell) => cell.split(" ")[0]);
  for (const { name, help } of COMMANDS) {
    for (
      const [line, flag] of help.matchAll(/^ {2}(?:-\w, )?(--[a-z\d-]+).*$/gm)
    ) {
      const must = name === "mask" && flag === "--out";
      assert.ok(must || /\bdefault\b/.test(line), `${name}: ${line}`);
      const elsewhere = ["serve", "models"].includes(name);
      assert.ok(elsewhere || manual.includes(flag), `${name} ${flag}`);
    }
  }
});
