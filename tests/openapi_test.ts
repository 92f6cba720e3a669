/** The OpenAPI document, as others' tools take it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { photo, withService } from "./service.ts";

/** Of packages that only tests need. */
const LOCK = fileURLToPath(new URL("deno.lock", import.meta.url));
const PROGRAM = fileURLToPath(new URL("openapi_client.ts", import.meta.url));

for (
  const [name, variables] of [
    ["open to anyone", {}],
    ["with sources", {
      LIMPID_SOURCES: "https://photos.example.org/",
    }],
  ] as const
) {
  Deno.test(`OpenAPI: a strict linter has nothing to say, and a generated client restores an image; ${name}`, async () => {
    await withService(async ({ origin }) => {
      const folder = await Deno.makeTempDir();
      try {
        const image = join(folder, "image.png");
        await Deno.writeFile(image, photo);
        const { success, stdout, stderr } = await new Deno.Command(
          Deno.execPath(),
          {
            args: ["run", "-q", "-A", `--lock=${LOCK}`, PROGRAM]
              .concat(origin, folder, image),
          },
        ).output();
        const text = new TextDecoder();
        assert.ok(success, text.decode(stderr));
        const said = JSON.parse(text.decode(stdout));
        assert.deepEqual(said.problems, []);
        assert.equal(said.task, "rain");
        assert.deepEqual(said.magic, [0x89, 0x50, 0x4e, 0x47]);
        assert.ok(said.length > 100);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }, { variables });
  });
}
