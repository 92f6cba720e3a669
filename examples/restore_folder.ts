/** Restores the photographs of a folder, one device for all: deno run -A examples/restore_folder.ts in out */
import { createRestorer, LimpidError } from "../mod.ts";

const [from, to] = Deno.args;
await Deno.mkdir(to!, { recursive: true });
await using restorer = await createRestorer();
for await (const { name, isFile } of Deno.readDir(from!)) {
  if (!isFile) continue;
  try {
    const result = await restorer.restore(`${from}/${name}`);
    await result.save(`${to}/${name}`);
    console.log(`${name}: ${result.task}`);
  } catch (error) {
    // What is no image, or a damaged one, does not stop the others.
    if (!(error instanceof LimpidError)) throw error;
    console.error(`${name}: ${error.message} [${error.code}]`);
  }
}
