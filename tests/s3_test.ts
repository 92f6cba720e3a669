/**
 * Stores in buckets of a real S3 server, Ceph's radosgw. Where it is not
 * installed the test is skipped, unless LIMPID_REQUIRE names s3.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pushModels } from "../lib/models/push.ts";
import { openStore, type StoreOptions } from "../lib/models/store.ts";
import { writeFakeModels } from "./fake_models.ts";
import { limpid } from "./command_line.ts";
import { runFaults } from "./download_faults.ts";
import { grainy } from "./images.ts";
import { fileEntry, manifestOf, randomBytes } from "./model_files.ts";
import { hasRadosgw, startRadosgw } from "./radosgw.ts";
import { S3Client, withAws } from "./s3_client.ts";

const required = Deno.env.get("LIMPID_REQUIRE")?.split(",").includes("s3") ??
  false;
const installed = await hasRadosgw();

/** A second attempt would take longer than any test may. */
const ONCE = { retryPolicy: { baseDelayMs: 1e7 }, cache: null } as const;

Deno.test({
  name: `s3: stores in buckets of radosgw${
    installed
      ? ""
      : " (not installed: apt-get install radosgw ceph-mon ceph-osd)"
  }`,
  ignore: !installed && !required,
}, async (t) => {
  await using server = await startRadosgw();
  const { endpoint } = server;
  const root = await Deno.makeTempDir();
  const client = new S3Client(server);
  const models = join(root, "models");
  await Deno.mkdir(models);
  await writeFakeModels(models);
  using local = await openStore(models);
  const ids = local.models.map(({ id }) => id);

  /** Every model is the local one. */
  const checkStore = async (
    location: string,
    options: StoreOptions = ONCE,
  ): Promise<void> => {
    using store = await openStore(location, options);
    assert.deepEqual(store.models.map(({ id }) => id), ids);
    for (const id of ids) {
      assert.deepEqual(await store.get(id), await local.get(id), id);
    }
  };
  const at = (path: string, settings = ""): string =>
    `s3://${path}?endpoint=${endpoint}${settings}`;
  let pinned = "";

  try {
    for (const bucket of ["private", "public", "dotted.name"]) {
      await client.send("PUT", bucket);
    }
    await client.publish("public", "models/");

    await t.step("pushed, and pushed again: what is there stays", async () => {
      await withAws(client.env, async () => {
        for (
          const [outcome, last] of [["uploaded", "uploaded"], [
            "there",
            "there",
          ]]
        ) {
          const told: string[] = [];
          const { location } = await pushModels(local, at("private/a/models"), {
            onPushed: (id, outcome) => told.push(`${id} ${outcome}`),
          });
          pinned = location;
          assert.equal(told[0], `fake-mask ${outcome}`);
          // The restorers are the same file, which goes up once.
          assert.equal(
            told.at(-1),
            `fake-blur ${last === "there" ? last : "there"}`,
          );
        }
        assert.match(
          pinned,
          /^s3:\/\/private\/a\/models\?endpoint=http:\/\/127\.0\.0\.1:\d+&region=us-east-1#sha256=[0-9a-f]{64}$/,
        );
        await checkStore(pinned);
        await checkStore(at("private/a/models/", "&region=eu-west-3"));
        await pushModels(local, at("dotted.name"));
        await checkStore(at("dotted.name"));
        await pushModels(local, at("private/with space+(odd)/é"));
        await checkStore(at("private/with%20space+(odd)/é"));
      });
    });

    await t.step("credentials from the usual files", async () => {
      const file = join(root, "credentials");
      await Deno.writeTextFile(
        file,
        `[default]\naws_access_key_id = wrong\naws_secret_access_key = wrong\n` +
          `# a comment\n[other]\naws_access_key_id=${server.accessKeyId}\naws_secret_access_key = ${server.secretAccessKey}\n`,
      );
      const config = join(root, "config");
      await Deno.writeTextFile(
        config,
        `[profile other]\nregion = eu-north-1\nendpoint_url = ${endpoint}\ns3 =\n  region = nested\n`,
      );
      await withAws({
        AWS_SHARED_CREDENTIALS_FILE: file,
        AWS_CONFIG_FILE: config,
        AWS_PROFILE: "other",
      }, async () => {
        await checkStore("s3://private/a/models");
        using store = await openStore("s3://private/a/models", ONCE);
        assert.equal(
          store.location,
          `s3://private/a/models?endpoint=${endpoint}&region=eu-north-1`,
        );
      });
    });

    await t.step("refusals are told at once, without secrets", async () => {
      const { secretAccessKey } = server;
      const env = client.env;
      const refusals: [Record<string, string>, string, RegExp][] = [
        [
          { ...env, AWS_SECRET_ACCESS_KEY: "not-the-secret" },
          at("private/a/models"),
          /403 Forbidden \(SignatureDoesNotMatch\); check the credentials, /,
        ],
        [
          { ...env, AWS_ACCESS_KEY_ID: "nobody" },
          at("private/a/models"),
          /403 Forbidden \(InvalidAccessKeyId\); check the credentials/,
        ],
        [
          {},
          at("private/a/models"),
          /\(AccessDenied\); the request was anonymous: set AWS_/,
        ],
        [
          env,
          at("private/a/models", "&anonymous=true"),
          /the request was anonymous/,
        ],
        [
          env,
          at("private/b"),
          /404 Not Found \(NoSuchKey\); check bucket, prefix/,
        ],
        [
          env,
          at("nowhere"),
          /404 Not Found \(NoSuchBucket\); check bucket, prefix/,
        ],
      ];
      for (const [variables, location, message] of refusals) {
        await withAws(variables, async () => {
          await assert.rejects(openStore(location, ONCE), (error: Error) => {
            assert.match(error.message, message);
            assert.equal((error as { code?: string }).code, "model-missing");
            assert.ok(!error.message.includes(secretAccessKey));
            assert.ok(!error.message.includes("not-the-secret"));
            return true;
          });
        });
      }
      await withAws({}, async () => {
        await assert.rejects(pushModels(local, at("public/models"), ONCE), {
          code: "unwritable",
          message: /cannot be uploaded: the server answered 403 Forbidden/,
        });
      });
    });

    await t.step("public by its policy, and only there", async () => {
      await withAws(client.env, async () => {
        await pushModels(local, at("public/models"));
        await pushModels(local, at("public/other"));
      });
      await withAws({}, async () => {
        await checkStore(at("public/models"));
        await checkStore(`${endpoint}/public/models`);
        await checkStore(`${endpoint}/public/models/manifest.json`);
        await assert.rejects(openStore(at("public/other"), ONCE), {
          code: "model-missing",
          message: /AccessDenied/,
        });
        await assert.rejects(openStore(`${endpoint}/public/other`, ONCE), {
          code: "model-missing",
          message:
            /403 Forbidden \(AccessDenied\); the server wants credentials/,
        });
      });
      await withAws(
        { ...client.env, AWS_SECRET_ACCESS_KEY: "wrong" },
        () => checkStore(at("public/models", "&anonymous=true")),
      );
    });

    await t.step("presigned URLs, until they expire", async () => {
      const [good, short] = await withAws(client.env, async () => {
        const target = at("private/presigned");
        const long = await pushModels(local, target, { presign: 3600 });
        const soon = await pushModels(local, at("private/soon"), {
          presign: 1,
        });
        return [long.url!, soon.url!];
      });
      await withAws({}, async () => {
        await checkStore(good!);
        const changed = good!.replace(/Signature=..../, "Signature=0000");
        await new Promise((done) => setTimeout(done, 2500));
        for (const url of [changed, short!]) {
          await assert.rejects(openStore(url, ONCE), (error: Error) => {
            assert.match(
              error.message,
              /403 Forbidden .*the presigned URL may have expired/,
            );
            assert.ok(!/signature=/i.test(error.message));
            return true;
          });
        }
      });
    });

    await t.step("a pinned manifest: another is refused", async () => {
      await withAws(client.env, async () => {
        const { manifest } = local;
        await client.send(
          "PUT",
          "private/a/models/manifest.json",
          manifest.json,
        );
        await assert.rejects(openStore(pinned, ONCE), {
          code: "model-corrupt",
          message: /the location demands [0-9a-f]{64}; find out who changed it/,
        });
        await pushModels(local, at("private/a/models"));
      });
    });

    await t.step("the cache serves offline, without credentials", async () => {
      const cache = join(root, "cache");
      await withAws(client.env, () => checkStore(pinned, { cache }));
      await withAws({}, async () => {
        await checkStore(pinned, { cache, offline: true });
        await checkStore(pinned, { cache });
        await assert.rejects(
          openStore(at("private/else"), { cache, offline: true }),
          {
            code: "model-missing",
            message:
              /is not in the cache .*deno task models pull --models "s3:\/\/private\/else\?/,
          },
        );
      });
    });

    await t.step("the command line restores by one variable", async () => {
      const env = {
        ...client.env,
        AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
        AWS_CONFIG_FILE: "/nonexistent",
        LIMPID_CACHE_DIR: join(root, "own cache"),
        LIMPID_MODELS: pinned,
        LIMPID_DEVICE: "wasm",
      };
      const image = join(root, "rain.png");
      await Deno.writeFile(
        image,
        grainy(64, 64, (x) => x < 60 ? [255, 40, 40] : [9, 9, 9]),
      );
      const out = join(root, "out.png");
      const args = ["restore", image, "-o", out, "--json"];
      const { code, out: told, err } = await limpid(args, { env });
      assert.equal(code, 0, err);
      assert.deepEqual(
        JSON.parse(told).models.map(({ id }: { id: string }) => id),
        ["fake-mask", "fake-rain"],
      );
      const alone = await limpid([...args, "--offline"], {
        env: { ...env, AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
      });
      assert.equal(alone.code, 0, alone.err);
      const pushed = await limpid(
        ["models", "push", at("private/by command"), "--models", "embedded:"],
        { env },
      );
      assert.equal(pushed.code, 0, pushed.err);
      assert.match(
        pushed.out,
        /\nLIMPID_MODELS='s3:\/\/private\/by%20command\?.*'\n$/,
      );
    });

    await t.step("through a network that does its worst", async (t) => {
      const bytes = randomBytes(1_000_000);
      const folder = "public/models/faults";
      const manifest = manifestOf([fileEntry("big", bytes)]);
      await client.send("PUT", `${folder}/manifest.json`, manifest);
      await runFaults(t, {
        origin: endpoint,
        folder: `/${folder}/`,
        replace: (bytes) => client.send("PUT", `${folder}/big.onnx`, bytes),
      }, bytes);
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
