import assert from "node:assert/strict";
import { parseKeys, parseTokens, sameSecret } from "./secrets.ts";

Deno.test("tokens and keys are separated by commas, with spaces or without", () => {
  assert.deepEqual(
    parseTokens("a-token-of-16-one, a-token-of-16-two", "--tokens"),
    ["a-token-of-16-one", "a-token-of-16-two"],
  );
  assert.deepEqual(
    parseKeys("old:a secret: of 16 or more, k-2_b:0123456789abcdef", "K"),
    [
      { id: "old", secret: "a secret: of 16 or more" },
      { id: "k-2_b", secret: "0123456789abcdef" },
    ],
  );
});

Deno.test("a secret that can be guessed is refused, and not repeated in the message", () => {
  for (
    const parse of [
      () => parseTokens("0123456789abcde", "--tokens"),
      () => parseTokens("a-token-of-16-one,", "--tokens"),
      () => parseKeys("k:0123456789abcde", "--url-keys"),
      () => parseKeys("k:", "--url-keys"),
      () => parseKeys("0123456789abcdefgh", "--url-keys"),
      () => parseKeys("a key:0123456789abcdef", "--url-keys"),
    ]
  ) {
    assert.throws(parse, { code: "invalid-option", message: /^--/ });
    assert.throws(
      parse,
      (error: Error) => !/0123|token-of/.test(error.message),
    );
  }
});

Deno.test("secrets are the same only where all of them is", () => {
  assert.ok(sameSecret("a-token-of-16-one", "a-token-of-16-one"));
  for (
    const other of ["", "a-token", "a-token-of-16-onE", "a-token-of-16-one2"]
  ) {
    assert.ok(!sameSecret("a-token-of-16-one", other), other);
    assert.ok(!sameSecret(other, "a-token-of-16-one"), other);
  }
});
