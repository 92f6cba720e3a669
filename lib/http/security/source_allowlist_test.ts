import assert from "node:assert/strict";
import {
  parseEndpoint,
  parseNetworks,
  parseSources,
} from "./source_allowlist.ts";

Deno.test("prefixes end with a slash, so that they stand for no name that begins alike", () => {
  assert.deepEqual(
    parseSources(
      "https://photos.example.org/a, http://h:8080,gs://bucket,s3://bucket/b/",
      "--sources",
    ),
    [
      "https://photos.example.org/a/",
      "http://h:8080/",
      "gs://bucket/",
      "s3://bucket/b/",
    ],
  );
});

Deno.test("sources that would allow more or less than they seem to are refused", () => {
  for (
    const source of [
      "",
      "photos.example.org",
      "file:///srv/photos/",
      "file://server/photos/",
      "data:,x",
      "ftp://photos.example.org/",
      "https://*.example.org/",
      "gs://*/",
      "https://user@photos.example.org/",
      "https://:secret@photos.example.org/",
      "https://photos.example.org/?token=secret",
      "https://photos.example.org/#secret",
      "https://photos.example.org/,",
    ]
  ) {
    assert.throws(() => parseSources(source, "--sources"), {
      code: "invalid-option",
      message: /^--sources must be URLs of http, https, gs or s3,/,
    }, source);
  }
});

Deno.test("an S3 server is a URL of http or https, without password and query", () => {
  assert.equal(
    parseEndpoint(" https://s3.example.org/here ", "--s3-endpoint"),
    "https://s3.example.org/here",
  );
  for (
    const endpoint of [
      "",
      "s3.example.org",
      "s3://bucket/",
      "https://user:secret@s3.example.org/",
      "https://s3.example.org/?a=b",
    ]
  ) {
    assert.throws(() => parseEndpoint(endpoint, "--s3-endpoint"), {
      code: "invalid-option",
      message: /^--s3-endpoint must be a URL of http or https,/,
    }, endpoint);
  }
});

Deno.test("networks are written as CIDR", () => {
  const networks = parseNetworks("10.8.0.0/16, fd00::/8", "--source-networks");
  assert.deepEqual(
    networks.map(([address, bits]) => `${address}/${bits}`),
    ["10.8.0.0/16", "fd00::/8"],
  );
  for (const network of ["", "10.8.0.1", "10.8.0.0/33", "everything"]) {
    assert.throws(() => parseNetworks(network, "--source-networks"), {
      code: "invalid-option",
      message: /^--source-networks must be networks such as/,
    }, network);
  }
});
