/**
 * Loads WebAssembly codecs from npm packages.
 *
 * Each call to a codec gets an instance of its own: its memory goes back when
 * the call is over (WebAssembly memory never shrinks), and whatever a hostile
 * file did to it goes with it. Only the compiled module is kept.
 *
 * The modules come through source-phase imports (`import.source`), which need
 * no permission; the packages' own loaders want to read or fetch a file.
 */

import { LimpidError } from "../errors.ts";

const modules = new Map<string, Promise<WebAssembly.Module>>();

/**
 * The compiled module of a `.wasm` file, by its `npm:` specifier.
 *
 * @throws {LimpidError} `device-unavailable` where it cannot be loaded.
 */
export async function loadModule(
  specifier: string,
): Promise<WebAssembly.Module> {
  let module = modules.get(specifier);
  if (!module) {
    // @ts-ignore TypeScript 6.0 does not know `import.source` yet (TS18061).
    module = import.source(specifier) as Promise<WebAssembly.Module>;
    modules.set(specifier, module);
  }
  try {
    return await module;
  } catch (cause) {
    // A failed download is tried again at the next call.
    modules.delete(specifier);
    throw notLoaded(specifier, cause);
  }
}

async function loadScript<T>(specifier: string): Promise<T> {
  try {
    return await import(specifier) as T;
  } catch (cause) {
    throw notLoaded(specifier, cause);
  }
}

function notLoaded(specifier: string, cause: unknown): LimpidError {
  return new LimpidError(
    "device-unavailable",
    `The image codec ${specifier} cannot be loaded; it comes from the npm registry at its first use and is then in Deno's cache.`,
    { cause },
  );
}

/** What an Emscripten factory is given here. */
interface EmscriptenOptions {
  readonly noInitialRun: boolean;
  readonly print: (line: string) => void;
  readonly printErr: (line: string) => void;
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ) => WebAssembly.Exports;
}

/**
 * A fresh instance of an Emscripten codec.
 *
 * @param script Specifier of the codec's JavaScript, a factory by default export.
 * @param wasm Specifier of its `.wasm`.
 * @param complaints Gets the lines that the codec writes to its standard error.
 * @throws {LimpidError} `device-unavailable` where it cannot be loaded.
 */
export async function instantiate<T>(
  script: string,
  wasm: string,
  complaints: string[] = [],
): Promise<T> {
  const [{ default: factory }, module] = await Promise.all([
    loadScript<{ default: (options: EmscriptenOptions) => Promise<T> }>(script),
    loadModule(wasm),
  ]);
  const hadLocation = globalThis.location !== undefined;
  const instance = await factory({
    noInitialRun: true,
    print: () => {},
    printErr: (line) => complaints.push(line),
    instantiateWasm: (imports, done) => {
      const instance = new WebAssembly.Instance(module, imports);
      done(instance);
      return instance.exports;
    },
  });
  // @jsquash/webp leaves an empty `location` behind, which misleads others.
  if (!hadLocation) Reflect.deleteProperty(globalThis, "location");
  return instance;
}
