/**
 * Runs tests and closes with one plain line, `N passed, N failed` (and `, N skipped`),
 * counted from the report that Deno writes. The exit code is `deno test`'s.
 *
 * Without arguments it runs the fast tests, which stand beside the files that they
 * hold; with `--all` every test, those in the documentation and those of whole
 * programs (`tests/`) too. Other arguments go to `deno test`: files, `--filter`.
 */
import { existsSync } from "node:fs";

/** Where the fast tests are. */
const FAST = ["lib", "bench"];

const all = Deno.args.includes("--all");
const given = Deno.args.filter((argument) => argument !== "--all");
const selected = all || given.some((argument) => existsSync(argument));
const report = await Deno.makeTempFile({ suffix: ".xml" });
try {
  const { code } = await new Deno.Command(Deno.execPath(), {
    // Without a desktop, graphics drivers complain of the lack of this folder.
    env: {
      XDG_RUNTIME_DIR: Deno.env.get("XDG_RUNTIME_DIR") ?? "/nonexistent",
    },
    args: [
      "test",
      "-q",
      ...(selected ? ["--doc"] : []),
      "-P=test",
      // Packages that only tests need are in a lock file of their own: users do not fetch them.
      "--lock=tests/deno.lock",
      `--junit-path=${report}`,
      ...given,
      ...(selected ? [] : FAST),
    ],
  }).spawn().status;
  const xml = await Deno.readTextFile(report);
  const total = count(xml, /<testcase /g);
  const skipped = count(xml, /<skipped\b/g);
  const failures = count(xml, /<failure\b/g) + count(xml, /<error\b/g);
  // What fails before a test begins, as a type error does, is in no report.
  const failed = code !== 0 ? Math.max(1, failures) : failures;
  const passed = Math.max(0, total - skipped - failures);
  console.log(
    `${passed} passed, ${failed} failed${
      skipped > 0 ? `, ${skipped} skipped` : ""
    }`,
  );
  Deno.exitCode = code;
} finally {
  await Deno.remove(report);
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
