import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { BUILT_IN, parseLocation } from "./location.ts";

const PIN = "0123456789abcdef".repeat(4);

Deno.test("parseLocation: folders and web servers", () => {
  const places: [string | URL, string][] = [
    ["embedded:", new URL("manifest.json", BUILT_IN).href],
    ["models", `${pathToFileURL("models").href}/manifest.json`],
    ["/a b/#c/", "file:///a%20b/%23c/manifest.json"],
    ["file:///a", "file:///a/manifest.json"],
    [new URL("file:///a/"), "file:///a/manifest.json"],
    ["https://h/p", "https://h/p/manifest.json"],
    ["https://h/p/?key=1", "https://h/p/manifest.json?key=1"],
    ["https://h/p/other.json?X=1", "https://h/p/other.json?X=1"],
  ];
  for (const [location, manifest] of places) {
    const place = parseLocation(location);
    assert.ok(place.kind !== "s3");
    assert.deepEqual([place.manifest.href, place.pin], [manifest, null]);
  }
  for (const location of ["embedded:", "/a", "https://h/p", "s3://bucket"]) {
    assert.equal(parseLocation(`${location}#sha256=${PIN}`).pin, PIN);
  }
});

Deno.test("parseLocation: buckets", () => {
  assert.deepEqual(parseLocation("s3://bucket"), {
    kind: "s3",
    bucket: "bucket",
    prefix: "",
    endpoint: null,
    region: null,
    style: null,
    anonymous: false,
    pin: null,
  });
  const full =
    "s3://my.bucket/a%20b/c/?endpoint=https://h:1/&region=eu-1&style=virtual&anonymous=true";
  assert.deepEqual(parseLocation(full), {
    kind: "s3",
    bucket: "my.bucket",
    prefix: "a b/c",
    endpoint: "https://h:1/",
    region: "eu-1",
    style: "virtual",
    anonymous: true,
    pin: null,
  });
});

Deno.test("parseLocation: what cannot be is named, secrets are not", () => {
  const wrong: [string, RegExp][] = [
    ["ftp://h/", /cannot come from ftp:\/\/h\/; give a folder, or a file:/],
    ["https://", /an address that is not valid/],
    ["s3://", /names no bucket; write s3:\/\/BUCKET\/PREFIX/],
    ["s3://key:secret@bucket/", /has a key before its bucket; set AWS_ACCESS/],
    [
      "s3://bucket?endpiont=x",
      /has the setting "endpiont"; there are endpoint,/,
    ],
    ["s3://bucket?style=host", /has the style "host"; it is path or virtual/],
    ["s3://bucket?region=a/b", /has an invalid region; it may have letters/],
    [
      "s3://bucket?anonymous=maybe",
      /invalid value for anonymous; it must be true or false/,
    ],
    ["s3://bucket/%ff", /an invalid percent-encoding; write % itself as %25/],
    ["https://h/#sha256=123", /#sha256= .* must be 64 hexadecimal digits/],
  ];
  for (const [location, message] of wrong) {
    assert.throws(() => parseLocation(location), (error: Error) => {
      assert.match(error.message, message);
      assert.equal((error as { code?: string }).code, "invalid-option");
      assert.ok(!error.message.includes("secret@"));
      return true;
    });
  }
});
