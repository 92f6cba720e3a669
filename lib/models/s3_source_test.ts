import assert from "node:assert/strict";
import { type AwsSettings, awsSettings } from "./s3_credentials.ts";
import { parseLocation } from "./location.ts";
import { type Bucket, openBucket } from "./s3_source.ts";

const NONE: AwsSettings = { credentials: null, region: null, endpoint: null };

function open(
  location: string,
  settings: Partial<AwsSettings> = {},
): Promise<Bucket> {
  const place = parseLocation(location);
  assert.ok(place.kind === "s3");
  return openBucket(place, { ...NONE, ...settings });
}

Deno.test("openBucket: hosts and paths of the usual servers", async () => {
  const r2 = "https://id.r2.cloudflarestorage.com";
  const files: [string, Partial<AwsSettings>, string][] = [
    ["s3://bkt/p", {}, "https://bkt.s3.us-east-1.amazonaws.com/p/f"],
    ["s3://bkt", { region: "eu-1" }, "https://bkt.s3.eu-1.amazonaws.com/f"],
    [
      "s3://bkt?region=eu-2",
      { region: "eu-1" },
      "https://bkt.s3.eu-2.amazonaws.com/f",
    ],
    ["s3://a.b/p", {}, "https://s3.us-east-1.amazonaws.com/a.b/p/f"],
    [`s3://bkt/p?endpoint=${r2}`, {}, `${r2}/bkt/p/f`],
    ["s3://bkt/p", { endpoint: "http://h:9000" }, "http://h:9000/bkt/p/f"],
    ["s3://bkt/p?endpoint=http://h:9/s3", {}, "http://h:9/s3/bkt/p/f"],
    [
      "s3://bkt/p?endpoint=https://h:9&style=virtual",
      {},
      "https://bkt.h:9/p/f",
    ],
    [
      "s3://bkt/a+b/(c)'",
      {},
      "https://bkt.s3.us-east-1.amazonaws.com/a%2Bb/%28c%29%27/f",
    ],
  ];
  for (const [location, settings, shown] of files) {
    assert.equal((await open(location, settings)).file("f").shown, shown);
  }
  const regions: [string, RegExp][] = [
    [`s3://bkt?endpoint=${r2}`, /&region=auto$/],
    ["s3://bkt?endpoint=https://storage.googleapis.com", /&region=auto$/],
    ["s3://bkt?endpoint=https://s3.eu-3.amazonaws.com", /&region=eu-3$/],
    ["s3://bkt", /\?region=us-east-1$/],
  ];
  for (const [location, region] of regions) {
    assert.match((await open(location)).location, region);
  }
  const virtual = "s3://bkt/p?endpoint=https://h:9&style=virtual";
  const { location } = await open(virtual);
  assert.match(location, /endpoint=https:\/\/h:9&/);
  const again = (await open(location)).file("f").shown;
  assert.equal(again, "https://bkt.h:9/p/f");
  for (const endpoint of ["host:9000", "https://key:secret@h", "nonsense"]) {
    await assert.rejects(open(`s3://bkt?endpoint=${endpoint}`), {
      code: "invalid-option",
      message: /^The endpoint of the models' bucket must be an https: or http:/,
    });
  }
});

Deno.test("openBucket: a session token is sent and signed, nothing of it shown", async () => {
  const seen = Promise.withResolvers<Headers>();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ headers }) => {
      seen.resolve(headers);
      return new Response();
    },
  );
  const credentials = {
    accessKeyId: "id",
    secretAccessKey: "secret",
    sessionToken: "token",
  };
  const endpoint = `http://127.0.0.1:${server.addr.port}`;
  const bucket = await open(`s3://bkt?endpoint=${endpoint}`, { credentials });
  const file = bucket.file("f");
  const range = { range: "bytes=1-2", "accept-encoding": "identity" };
  const { signal } = new AbortController();
  await (await file.request({ headers: range, signal })).body?.cancel();
  const headers = await seen.promise;
  assert.equal(headers.get("x-amz-security-token"), "token");
  assert.equal(headers.get("range"), "bytes=1-2");
  assert.match(
    headers.get("authorization")!,
    /^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/us-east-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
  );
  assert.ok(!/token|secret/.test(bucket.location + file.shown));
});

Deno.test({
  name: "awsSettings: without permissions nothing is set, and nobody asked",
  permissions: "none",
  fn: async () => {
    assert.deepEqual(await awsSettings(), NONE);
  },
});
