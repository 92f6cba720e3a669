import assert from "node:assert/strict";
import { BadRedirect, httpFile, httpSource } from "./http_source.ts";

const ASK = { signal: AbortSignal.timeout(60_000) };

/** Answers what is fetched meanwhile by a table of redirects; notes what was asked for. */
async function withRedirects(
  redirects: Readonly<Record<string, string>>,
  work: (asked: string[]) => Promise<void>,
): Promise<void> {
  const { fetch } = globalThis;
  const asked: string[] = [];
  globalThis.fetch = (url): Promise<Response> => {
    asked.push(String(url));
    const location = redirects[String(url)];
    return Promise.resolve(
      location === undefined
        ? new Response("here")
        : new Response(null, { status: 302, headers: { location } }),
    );
  };
  try {
    await work(asked);
  } finally {
    globalThis.fetch = fetch;
  }
}

Deno.test("the manifest's query goes with the files beside it, and is not shown", async () => {
  const { location, manifest, file } = httpSource({
    kind: "http",
    manifest: new URL("https://host/models/manifest.json?token=secret"),
    pin: null,
  });
  assert.equal(location, "https://host/models/");
  await withRedirects({}, async (asked) => {
    for (const { request, shown } of [manifest, file("a.onnx")]) {
      assert.doesNotMatch(shown, /secret/);
      await request(ASK);
    }
    assert.deepEqual(asked, [
      "https://host/models/manifest.json?token=secret",
      "https://host/models/a.onnx?token=secret",
    ]);
  });
});

Deno.test("redirects are followed, but not from https to where others can listen or write, nor without end", async () => {
  const redirects = {
    "https://host/a": "/b",
    "https://host/b": "https://other/c",
    "http://host/a": "http://host/b",
    "http://host/b": "https://host/z",
    "https://host/http": "http://host/z",
    "https://host/file": "file:///etc/passwd",
    "https://host/bad": "https://[",
    "https://host/loop": "/loop",
  };
  await withRedirects(redirects, async (asked) => {
    for (const url of ["https://host/a", "http://host/a"]) {
      const answer = await httpFile(new URL(url)).request(ASK);
      assert.equal(await answer.text(), "here", url);
    }
    asked.length = 0;
    for (const name of ["http", "file", "bad", "loop"]) {
      const { request } = httpFile(new URL(`https://host/${name}`));
      await assert.rejects(request(ASK), BadRedirect, name);
    }
    assert.doesNotMatch(asked.join(), /http:|file:/);
  });
});
