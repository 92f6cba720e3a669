/** What users fetch, whatever command they begin with: `deno task` fetches all that the lock file names. */
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

Deno.test("packages: the users' lock file names those of deps.ts and deps_http.ts, and none of the tests alone", async () => {
  const read = (name: string): Promise<string> =>
    Deno.readTextFile(new URL(name, ROOT));
  const used = new Set<string>();
  for (const file of ["deps.ts", "deps_http.ts"]) {
    const names = (await read(file)).matchAll(
      /"(npm:(?:@[^/"]+\/)?[^/"@]+@\d+\.\d+\.\d+)/g,
    );
    for (const [, specifier] of names) used.add(specifier!);
  }
  assert.ok(used.size > 10);
  const { specifiers } = JSON.parse(await read("deno.lock"));
  assert.deepEqual(
    Object.keys(specifiers).sort(),
    [...used].sort(),
    "deno.lock, made anew without the tests' packages, is right",
  );
});
