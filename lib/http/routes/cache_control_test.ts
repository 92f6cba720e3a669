import assert from "node:assert/strict";
import { cacheControl } from "./cache_control.ts";

const OPEN = { maxAge: 600, tokens: [], urlKeys: [] };
const KEYED = {
  ...OPEN,
  urlKeys: [{ id: "2026", secret: "of 16 letters or more" }],
};

const asked = (
  method: string,
  query: string,
  config: Parameters<typeof cacheControl>[1],
  headers: Record<string, string> = {},
): string =>
  cacheControl(
    {
      method,
      url: `http://localhost/restore?${query}`,
      headers: new Headers(headers),
    },
    config,
    1e6,
  );

Deno.test("cacheControl: caches keep what depends on its address alone, as long as a signature holds", () => {
  assert.equal(asked("GET", "url=a", OPEN), "public, max-age=600");
  assert.equal(asked("HEAD", "url=a", OPEN), "public, max-age=600");
  const signed = (expires: number): string =>
    asked("GET", `url=a&expires=${expires}&signature=b`, KEYED);
  assert.equal(signed(9000), "public, max-age=600");
  assert.equal(signed(1010), "public, max-age=10");
  assert.equal(signed(1000), "private, no-cache");
});

Deno.test("cacheControl: nothing else is kept without asking", () => {
  assert.equal(asked("POST", "", OPEN), "private, no-cache");
  assert.equal(
    asked("GET", "url=a", { ...OPEN, maxAge: 0 }),
    "private, no-cache",
  );
  const token = { authorization: "Bearer of-16-letters-or-more" };
  assert.equal(
    asked("GET", "url=a&expires=9000&signature=b", KEYED, token),
    "private, no-cache",
  );
  assert.equal(asked("GET", "url=a", KEYED), "private, no-cache");
});
