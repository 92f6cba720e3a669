/**
 * The page in a real browser: Debian's chromium, without a window. Skipped
 * where there is none, unless LIMPID_REQUIRE names browser.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { withScene } from "./cli_scene.ts";
import { cleanPhoto, photo, TOKEN } from "./scene.ts";
import { withService } from "./service.ts";

const CHROMIUM = Deno.env.get("LIMPID_CHROMIUM") ?? "/usr/bin/chromium";
/** Of packages that only tests need. */
const LOCK = fileURLToPath(new URL("deno.lock", import.meta.url));
const SCENARIOS = fileURLToPath(new URL("page_scenarios.ts", import.meta.url));

const required = (Deno.env.get("LIMPID_REQUIRE") ?? "").split(",")
  .includes("browser");
const present = await Deno.stat(CHROMIUM).then(() => true, () => false);
if (!present && !required) {
  console.warn("Tests of the page are skipped: there is no chromium here.");
}

/** Runs a scenario of `page_scenarios.ts`. */
async function check(
  scenario: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  await withService(({ origin }) => play(origin, scenario), { variables });
}

/** @param address Of the page to begin with. */
async function play(address: string, scenario: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", `--lock=${LOCK}`, SCENARIOS]
      .concat(address, scenario, CHROMIUM),
    env: { NO_COLOR: "1" },
    stdout: "inherit",
    stderr: "piped",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
}

/** Tests the page by scenarios, one after the other. */
function testPage(
  name: string,
  scenarios: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): void {
  Deno.test({
    name,
    ignore: !present && !required,
    async fn(): Promise<void> {
      for (const scenario of scenarios) await check(scenario, variables);
    },
  });
}

testPage("page: a photograph is restored and compared, on a desktop", [
  "desktop",
]);

testPage("page: the same on a phone, in the dark", ["phone"]);

testPage("page: fingers move the comparison's line, scroll and enlarge", [
  "touch",
]);

testPage("page: by keyboard alone, with a name for every control", [
  "keyboard",
]);

testPage(
  "page: errors are told, a token is asked for, no script but its own runs",
  ["errors"],
  { LIMPID_TOKENS: TOKEN },
);

testPage("page: a result goes with its photograph, and with an error", [
  "another",
]);

testPage("page: several photographs in turn, and a sample", [
  "several",
  "several on a phone",
]);

testPage("page: a photograph that browsers do not show has its result alone", [
  "tiff",
]);

testPage(
  "page: what is stopped has not failed, faults of a file are told, settings do not outlive the page",
  ["stop"],
);

testPage("page: a file that cannot be read any more is called so", ["lost"]);

testPage("page: how far the work is, on a desktop and on a phone", [
  "progress",
  "progress on a phone",
]);

Deno.test({
  name: "a report of the command line sorts itself in a browser",
  ignore: !present && !required,
  async fn(): Promise<void> {
    const files = { "dry.png": cleanPhoto, "wet.png": photo };
    await withScene(files, async ({ folder, run }) => {
      const { code, err } = await run(
        ["restore", "dry.png", "wet.png", "none.png", "-o", "out/"]
          .concat("--report", "report.html"),
      );
      assert.equal(code, 1, err);
      const page = pathToFileURL(join(folder, "report.html"));
      await play(page.href, "report");
    });
  },
});

Deno.test("page: the viewer of the API comes from its package, for ever the same", async () => {
  await withService(async ({ origin, service }) => {
    const html = await (await fetch(`${origin}/api`)).text();
    const paths = [...html.matchAll(/page\/viewer\/[^"]+/g)].map(([path]) =>
      path
    );
    assert.equal(paths.length, 2);
    for (const path of paths) {
      assert.match(path, /\/\d+\.\d+\.\d+\//);
      const head = await fetch(`${origin}/${path}`, { method: "HEAD" });
      assert.equal(service.answers.bytes, 0);
      const answer = await fetch(`${origin}/${path}`);
      const { length } = await answer.bytes();
      for (const { headers, status } of [head, answer]) {
        assert.equal(status, 200);
        assert.match(
          headers.get("cache-control")!,
          /max-age=31536000.*immutable/,
        );
        assert.equal(headers.get("content-length"), String(length));
        assert.match(
          headers.get("content-security-policy")!,
          /default-src 'none'/,
        );
      }
      assert.ok(length > 100_000);
    }
  });
});

testPage("page: the API is readable, without a foreign host", [
  "api",
  "api on a phone",
]);

Deno.test("page: no script, style or picture but its own is allowed", async () => {
  await withService(async ({ origin }) => {
    for (
      const path of [
        "/",
        "/api",
        "/page/app.js",
        "/page/heat.js",
        "/page/send.js",
        "/page/words.js",
        "/page/style.css",
        "/page/icon.svg",
      ]
    ) {
      const answer = await fetch(origin + path);
      const policy = answer.headers.get("content-security-policy")!;
      assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      assert.doesNotMatch(await answer.text(), /<style|\bstyle=|\bon\w+="/);
    }
  });
});
