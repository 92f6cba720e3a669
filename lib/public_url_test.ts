import assert from "node:assert/strict";
import { publicAddress, publicUrl, withPublicAddresses } from "./public_url.ts";

Deno.test("publicUrl: passwords and queries are not shown", () => {
  assert.equal(
    publicUrl(new URL("https://me:secret@host/a/b.onnx?signature=1#2")),
    "https://host/a/b.onnx",
  );
});

Deno.test("publicAddress: also what is no valid URL keeps its secrets", () => {
  const cases: [string, string][] = [
    ["https://h:44300443/models/?token=S3CRET", "https://h:44300443/models/"],
    ["https://me:S3CRET@h:44300443/m#S3CRET", "https://h:44300443/m"],
    ["https://me:S3/CRET@h:x/m", "https://h:x/m"],
    ["https://me:S3CRET@host/m?x", "https://host/m"],
    ["s3://me:S3CRET@bkt/p?key=S3CRET", "s3://bkt/p"],
    ["https:///?S3CRET", "https:///"],
    ["host/models?token=S3CRET", "host/models"],
    ["/srv/models", "/srv/models"],
  ];
  for (const [address, shown] of cases) {
    assert.equal(publicAddress(address), shown, address);
  }
});

Deno.test("withPublicAddresses: addresses within a text", () => {
  assert.equal(
    withPublicAddresses(
      `error sending request for url (https://me:S3CRET@host/a?t=S3CRET ): "http://h/b?S3CRET" at http://h/c`,
    ),
    `error sending request for url (https://host/a ): "http://h/b" at http://h/c`,
  );
});
