import assert from "node:assert/strict";
import { main } from "./main.ts";

/** What a command line that makes no sense writes to standard output. */
async function output(
  argv: readonly string[],
  json: string | undefined,
): Promise<string> {
  const { stdout, stderr } = Deno;
  const [out, err] = [stdout.writeSync, stderr.writeSync];
  let text = "";
  stdout.writeSync = (bytes): number => {
    text += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  stderr.writeSync = (bytes): number => bytes.length;
  try {
    const environment = (name: string): string | undefined =>
      name === "LIMPID_JSON" ? json : undefined;
    assert.equal(await main(["restore", ...argv], environment, []), 2);
  } finally {
    stdout.writeSync = out;
    stderr.writeSync = err;
  }
  return text;
}

Deno.test("an error is an object where JSON is asked for, by flag or variable", async () => {
  for (
    const [argv, json] of [
      [["--json"], undefined],
      [["--no-json", "--json"], "0"],
      [[], "1"],
      [[], "yes"],
    ] as const
  ) {
    const { input, error } = JSON.parse(await output(argv, json));
    assert.deepEqual([input, error.code], [null, "invalid-option"]);
  }
  for (
    const [argv, json] of [
      [[], undefined],
      [[], ""],
      [[], "0"],
      [[], "false"],
      [[], "maybe"],
      [["--no-json"], "1"],
    ] as const
  ) {
    assert.equal(await output(argv, json), "", `${argv} ${json}`);
  }
});
