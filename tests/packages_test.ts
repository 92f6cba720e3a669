/** What users fetch, whatever command they begin with: `deno task` fetches all that the lock file names. */
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

function read(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, ROOT));
}

/** The packages that a file names, with their versions. */
async function packagesIn(file: string): Promise<ReadonlySet<string>> {
  const names = (await read(file)).matchAll(
    /"(npm:(?:@[^/"]+\/)?[^/"@]+@\d+\.\d+\.\d+)/g,
  );
  return new Set([...names].map(([, specifier]) => specifier!));
}

Deno.test("packages: prefetch.ts fetches those that the library names in deps.ts, and the Workers", async () => {
  const typesOnly = /onnxruntime-common/;
  const named = [...await packagesIn("deps.ts")]
    .filter((name) => !typesOnly.test(name));
  assert.deepEqual([...await packagesIn("prefetch.ts")].sort(), named.sort());
  const text = await read("prefetch.ts");
  for (const part of ["codecs", "runtime"]) {
    const worker = `./lib/${part}/worker.ts`;
    assert.ok(text.includes(`import("${worker}")`));
    await Deno.stat(new URL(worker, ROOT));
  }
});

Deno.test("packages: the users' lock file names those of deps.ts and deps_http.ts, and none of the tests alone", async () => {
  const used = new Set([
    ...await packagesIn("deps.ts"),
    ...await packagesIn("deps_http.ts"),
  ]);
  assert.ok(used.size > 10);
  const { specifiers } = JSON.parse(await read("deno.lock"));
  assert.deepEqual(
    Object.keys(specifiers).sort(),
    [...used].sort(),
    "deno.lock, made anew without the tests' packages, is right",
  );
});
