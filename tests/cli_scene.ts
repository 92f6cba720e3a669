/** A folder to run the command line in. */
import { join } from "node:path";
import { limpid, type Run, type Setting } from "./command_line.ts";
import { writeFakeModels } from "./fake_models.ts";

/** What a test of the command line works with. */
export interface Scene {
  readonly folder: string;
  readonly models: string;
  /** The tests' models, on wasm. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs in the folder, with that environment. */
  run(args: readonly string[], setting?: Setting): Promise<Run>;
  /** Names in a folder of the scene, sorted. */
  names(folder?: string): string[];
}

/** @param files By their names, which are in the folder when `body` begins. */
export async function withScene(
  files: Readonly<Record<string, Uint8Array>>,
  body: (scene: Scene) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  const [folder, models] = [join(root, "work"), join(root, "models")];
  try {
    await Deno.mkdir(folder);
    await Deno.mkdir(models);
    await writeFakeModels(models);
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.writeFile(join(folder, name), bytes);
    }
    const env = { LIMPID_MODELS: models, LIMPID_DEVICE: "wasm" };
    await body({
      folder,
      models,
      env,
      run: (args, setting) =>
        limpid(args, {
          cwd: folder,
          ...setting,
          env: { ...env, ...setting?.env },
        }),
      names: (sub = ".") =>
        [...Deno.readDirSync(join(folder, sub))].map(({ name }) => name).sort(),
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
