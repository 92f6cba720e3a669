/** What the documents say of models, against the manifest. */
import assert from "node:assert/strict";
import { parseManifest } from "../lib/models/manifest.ts";

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
