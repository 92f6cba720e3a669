import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { authorise, signUrl } from "./authorise.ts";
import { Problem } from "../problem.ts";

const OLD = { id: "2025", secret: "an old secret, long enough" };
const NEW = { id: "2026", secret: "a new secret, long enough" };
const CALLERS = {
  tokens: ["first-token-long-enough", "second-token-long-enough"],
  urlKeys: [OLD, NEW],
};
const NOW = 1_800_000_000;
const URL_ = new URL("https://limpid.example/restore?task=rain&strength=0.5");

/** Empty where the request may pass. */
function refusal(
  url: URL,
  init: RequestInit = { method: "POST" },
  callers = CALLERS,
): string {
  try {
    authorise(new Request(url, init), callers, NOW * 1000);
    return "";
  } catch (error) {
    assert.ok(error instanceof Problem);
    return error.code;
  }
}

function bearer(token: string): RequestInit {
  return { method: "POST", headers: { authorization: `Bearer ${token}` } };
}

function changed(url: URL, change: (url: URL) => void): URL {
  const copy = new URL(url);
  change(copy);
  return copy;
}

Deno.test("anyone may call where nothing is configured", () => {
  assert.equal(refusal(URL_, {}, { tokens: [], urlKeys: [] }), "");
});

Deno.test("each of the tokens is good, and no other", () => {
  for (const token of CALLERS.tokens) {
    assert.equal(refusal(URL_, bearer(token)), "");
  }
  for (
    const token of [
      "",
      "first-token",
      "first-token-long-enough2",
      "x".repeat(1e5),
    ]
  ) {
    assert.equal(
      refusal(URL_, bearer(token)),
      "unauthorised",
      token.slice(0, 30),
    );
  }
  const basic = { headers: { authorization: "Basic Zmlyc3Q6" } };
  assert.equal(refusal(URL_, basic), "unauthorised");
  assert.equal(refusal(URL_), "unauthorised");
});

Deno.test("URLs signed with any of the keys are good", () => {
  for (const key of [OLD, NEW]) {
    assert.equal(refusal(signUrl("POST", URL_, key, NOW + 60)), "");
  }
  const get = signUrl("GET", URL_, NEW, NOW + 60);
  assert.equal(refusal(get, { method: "HEAD" }), "");
  // The order of the query is not part of what is signed.
  const turned = new URL(get);
  turned.search = [...get.searchParams].reverse().map(([k, v]) => `${k}=${v}`)
    .join("&");
  assert.equal(refusal(turned, { method: "GET" }), "");
});

Deno.test("attack: forged signatures", () => {
  const good = signUrl("POST", URL_, NEW, NOW + 60);
  const signature = good.searchParams.get("signature")!;
  const forged: Readonly<Record<string, URL>> = {
    "another parameter": changed(
      good,
      (u) => u.searchParams.set("strength", "1"),
    ),
    "one more": changed(good, (u) => u.searchParams.append("quality", "1")),
    "one fewer": changed(good, (u) => u.searchParams.delete("task")),
    "a later end": changed(
      good,
      (u) => u.searchParams.set("expires", String(NOW + 9999)),
    ),
    "another path": changed(good, (u) => u.pathname = "/mask"),
    "another key's name": changed(
      good,
      (u) => u.searchParams.set("key", OLD.id),
    ),
    "an unknown key": changed(good, (u) => u.searchParams.set("key", "none")),
    "no key": changed(good, (u) => u.searchParams.delete("key")),
    "two signatures": changed(
      good,
      (u) => u.searchParams.append("signature", signature),
    ),
    "an empty one": changed(good, (u) => u.searchParams.set("signature", "")),
    "one letter": changed(
      good,
      (u) =>
        u.searchParams.set(
          "signature",
          (signature[0] === "A" ? "B" : "A") + signature.slice(1),
        ),
    ),
    "cut": changed(
      good,
      (u) => u.searchParams.set("signature", signature.slice(0, -1)),
    ),
    "an empty secret": signUrl(
      "POST",
      URL_,
      { id: "none", secret: "" },
      NOW + 60,
    ),
    "another method": signUrl("GET", URL_, NEW, NOW + 60),
  };
  for (const [name, url] of Object.entries(forged)) {
    assert.equal(refusal(url), "forbidden", name);
  }
});

Deno.test("attack: expired signatures, and ends that are no numbers", () => {
  for (const expires of [NOW, NOW - 1, 0, -1, NaN, Infinity, 1.5]) {
    assert.equal(
      refusal(signUrl("POST", URL_, NEW, expires)),
      "forbidden",
      String(expires),
    );
  }
});

Deno.test("a key that was taken away signs no more", () => {
  const url = signUrl("POST", URL_, OLD, NOW + 60);
  assert.equal(
    refusal(url, { method: "POST" }, { tokens: [], urlKeys: [NEW] }),
    "forbidden",
  );
});

Deno.test("other programs can sign: HMAC-SHA256 of method, path and sorted query", () => {
  const query = `expires=${NOW + 60}&key=2026&strength=0.5&task=rain`;
  const signature = createHmac("sha256", NEW.secret)
    .update(`POST\n/restore\n${query}`).digest("base64url");
  const url = new URL(
    `https://limpid.example/restore?${query}&signature=${signature}`,
  );
  assert.equal(refusal(url), "");
});

Deno.test("a signed URL is good whatever header a proxy adds", () => {
  const url = signUrl("POST", URL_, NEW, NOW + 10);
  const basic = { method: "POST", headers: { authorization: "Basic eDp5" } };
  assert.equal(refusal(url, basic), "");
  assert.equal(
    refusal(changed(url, (u) => u.searchParams.set("task", "haze")), basic),
    "forbidden",
  );
  assert.equal(refusal(URL_, basic), "unauthorised");
});
