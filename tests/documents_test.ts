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

Deno.test("documents: tables name every model that models list shows, and the README's no other", async () => {
  const { models } = parseManifest(
    await read("models/manifest.json"),
    "models/manifest.json",
  );
  const ids = new Set(models.map(({ id }) => id));
  for (const name of ["README.md", "models/README.md"]) {
    const missing = ids.difference(named(await read(name)));
    assert.deepEqual([...missing], [], `not in a table of ${name}`);
  }
  const gone = [...named(await read("README.md"))].filter((name) =>
    /^[a-z-]+-(small|large)-\d+$/.test(name) && !ids.has(name)
  );
  assert.deepEqual(gone, [], "in the README, but not in the manifest");
});
