/**
 * Lints the OpenAPI document of the service at ORIGIN, has a client generated
 * from it in FOLDER, and restores the image FILE with it; prints what the
 * linter says and how the result begins, as JSON. A program of its own: both
 * packages ask for permissions that tests have not.
 */
import { createConfig, lintFromString } from "./deps_openapi.ts";

const GENERATOR = "npm:swagger-typescript-api@13.13.0";

const [origin, folder, file] = Deno.args as [string, string, string];
const source = await (await fetch(`${origin}/openapi.json`)).text();
const problems = await lintFromString({
  source,
  absoluteRef: `${folder}/openapi.json`,
  config: await createConfig({ extends: ["recommended-strict"] }),
});
await Deno.writeTextFile(`${folder}/openapi.json`, source);
const { success, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["run", "-q", "-A", "--no-lock", GENERATOR, "generate"]
    .concat(["-p", `${folder}/openapi.json`, "-o", folder, "-n", "client.ts"]),
}).output();
if (!success) throw new Error(new TextDecoder().decode(stderr));
const { Api } = await import(`file://${folder}/client.ts`);
const client = new Api({ baseUrl: origin });
const image = new File([await Deno.readFile(file)], "image.png", {
  type: "image/png",
});
const { data, headers } = await client.restore.restore(
  { image },
  { task: "rain", format: "png" },
);
const bytes = new Uint8Array(await data.arrayBuffer());
console.log(JSON.stringify({
  problems: problems.map(({ message }) => message),
  task: headers.get("x-limpid-task"),
  magic: [...bytes.subarray(0, 4)],
  length: bytes.length,
}));
