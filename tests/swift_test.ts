/**
 * Stores in buckets of Swift's s3api, which speaks S3 in its own way: a wrong
 * region is refused. Where it is not installed the test is skipped, unless
 * LIMPID_REQUIRE names s3.
 */
import assert from "node:assert/strict";
import { pushModels } from "../lib/models/push.ts";
import { openStore } from "../lib/models/store.ts";
import { writeFakeModels } from "./fake_models.ts";
import { S3Client, withAws } from "./s3_client.ts";
import { hasSwift, startSwift } from "./swift.ts";

const required = Deno.env.get("LIMPID_REQUIRE")?.split(",").includes("s3") ??
  false;
const installed = await hasSwift();

/** A second attempt would take longer than any test may. */
const ONCE = { retryPolicy: { baseDelayMs: 1e7 }, cache: null } as const;

Deno.test({
  name: `s3: stores in buckets of Swift${
    installed
      ? ""
      : " (not installed: apt-get install swift-proxy swift-account swift-container swift-object memcached)"
  }`,
  ignore: !installed && !required,
}, async (t) => {
  await using server = await startSwift();
  const client = new S3Client(server);
  const models = await Deno.makeTempDir();
  await writeFakeModels(models);
  using local = await openStore(models);
  const at = (path: string, settings = ""): string =>
    `s3://${path}?endpoint=${server.endpoint}${settings}`;
  const checkStore = async (location: string): Promise<void> => {
    using store = await openStore(location, ONCE);
    for (const { id } of local.models) {
      assert.deepEqual(await store.get(id), await local.get(id), id);
    }
  };
  try {
    await client.send("PUT", "bucket");
    await t.step("pushed and fetched, presigned too", async () => {
      const [pinned, url] = await withAws(client.env, async () => {
        const { location } = await pushModels(local, at("bucket/models"));
        const signed = await pushModels(local, at("bucket/presigned"), {
          presign: 3600,
        });
        await checkStore(location);
        return [location, signed.url!];
      });
      await withAws({}, async () => {
        await checkStore(url!);
        await assert.rejects(openStore(pinned!, ONCE), {
          code: "model-missing",
          message: /the request was anonymous/,
        });
      });
    });
    await t.step("a wrong region, a wrong secret", async () => {
      await withAws(client.env, () =>
        assert.rejects(
          openStore(at("bucket/models", "&region=eu-west-1"), ONCE),
          {
            code: "model-missing",
            message:
              /400 \S.* \(AuthorizationHeaderMalformed\); check the bucket's region and endpoint\.$/,
          },
        ));
      await withAws(
        { ...client.env, AWS_SECRET_ACCESS_KEY: "wrong" },
        () =>
          assert.rejects(openStore(at("bucket/models"), ONCE), {
            code: "model-missing",
            message: /403 Forbidden \(SignatureDoesNotMatch\)/,
          }),
      );
    });
  } finally {
    await Deno.remove(models, { recursive: true });
  }
});
