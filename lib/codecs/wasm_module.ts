/**
 * Loads and runs WebAssembly codecs from npm packages.
 *
 * Source-phase imports (`import.source`) load the modules and need no
 * permission; the packages' own loaders would read or fetch a file.
 */
import { LimpidError } from "../errors.ts";

/** A codec and its memory. */
export interface Codec<T> {
  /** The codec's functions: an Emscripten module, or plain exports. */
  readonly api: T;
  readonly memory: WebAssembly.Memory;
}

/**
 * Largest memory of an instance that is reused. WebAssembly memory never
 * shrinks, so larger instances are dropped; but with a new instance for each
 * image, gigabytes would wait for the garbage collector. A JPEG of 24
 * megapixels takes 0.1 GB to decode and almost nothing to encode.
 */
const MAX_KEPT_BYTES = 512 * 1024 * 1024;

/** Bytes of dropped instances and pixels, which may not be collected yet. */
let left = 0;

/**
 * Bytes that this thread's codecs have taken and may not have freed: instances
 * that are kept, and dropped instances and pixels. V8 does not take the size of
 * the latter into account, so gigabytes may wait for collection: only the end
 * of the thread is sure to free them.
 */
export function takenBytes(): number {
  let bytes = left;
  for (const { memory } of kept.values()) bytes += memory.buffer.byteLength;
  return bytes;
}

/** Adds memory that other files take to {@linkcode takenBytes}. */
export function noteTaken(bytes: number): void {
  left += bytes;
}

const modules = new Map<string, Promise<WebAssembly.Module>>();
const kept = new Map<string, Codec<unknown>>();

/**
 * Runs a job on a codec. An instance whose job threw is not used again: a
 * damaged or hostile file may have corrupted it.
 *
 * @param key Key of the kept instance: the specifier of its `.wasm`.
 * @param create Makes an instance where none is kept.
 * @param job Must free what it allocates in the codec, unless it throws.
 */
export async function withCodec<T, R>(
  key: string,
  create: (key: string) => Promise<Codec<T>>,
  job: (codec: Codec<T>) => R,
): Promise<R> {
  // Removed while in use, so that no two jobs share an instance.
  const idle = kept.get(key) as Codec<T> | undefined;
  kept.delete(key);
  const codec = idle ?? await create(key);
  let good = false;
  try {
    const result = job(codec);
    good = codec.memory.buffer.byteLength <= MAX_KEPT_BYTES;
    return result;
  } finally {
    if (good) kept.set(key, codec);
    else left += codec.memory.buffer.byteLength;
  }
}

/** Runs a job on an instance that is dropped afterwards. */
export function withOwnCodec<T, R>(
  { api, memory }: Codec<T>,
  job: (codec: Codec<T>) => R,
): R {
  try {
    return job({ api, memory });
  } finally {
    left += memory.buffer.byteLength;
  }
}

/**
 * Makes an instance of a `.wasm` that needs no script.
 *
 * @throws {LimpidError} `codec-failed` where it cannot be loaded.
 */
export async function instantiate<T>(
  wasm: string,
  imports: WebAssembly.Imports = {},
): Promise<Codec<T>> {
  const instance = new WebAssembly.Instance(await loadModule(wasm), imports);
  return {
    api: instance.exports as unknown as T,
    memory: memoryOf(instance),
  };
}

/** Options passed to an Emscripten factory. */
interface EmscriptenOptions {
  readonly noInitialRun: boolean;
  readonly print: () => void;
  readonly printErr: () => void;
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ) => WebAssembly.Exports;
}

/**
 * Makes an instance of an Emscripten codec.
 *
 * @param script Specifier of the codec's script, whose default export is a
 * factory.
 * @param wasm Specifier of its `.wasm`.
 * @throws {LimpidError} `codec-failed` where it cannot be loaded.
 */
export async function instantiateEmscripten<T>(
  script: string,
  wasm: string,
): Promise<Codec<T>> {
  const [{ default: factory }, module] = await Promise.all([
    loadScript<{ default: (options: EmscriptenOptions) => Promise<T> }>(script),
    loadModule(wasm),
  ]);
  let memory: WebAssembly.Memory | undefined;
  const api = await factory({
    noInitialRun: true,
    print: () => {},
    printErr: () => {},
    instantiateWasm: (imports, done) => {
      const instance = new WebAssembly.Instance(module, imports);
      memory = memoryOf(instance);
      done(instance);
      return instance.exports;
    },
  });
  // @jsquash/webp leaves an empty `location` behind, which misleads other
  // packages.
  if (globalThis.location?.href === "") {
    Reflect.deleteProperty(globalThis, "location");
  }
  return { api, memory: memory! };
}

function memoryOf(instance: WebAssembly.Instance): WebAssembly.Memory {
  // Emscripten minifies the export's name, so find the memory by its type.
  return Object.values(instance.exports).find((value) =>
    value instanceof WebAssembly.Memory
  ) as WebAssembly.Memory;
}

/**
 * Loads the compiled module of a `.wasm`.
 *
 * @throws {LimpidError} `codec-failed` where it cannot be loaded.
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
    // The next call tries a failed download again.
    modules.delete(specifier);
    throw notLoaded(specifier, cause);
  }
}

/**
 * Loads a codec's script.
 *
 * @throws {LimpidError} `codec-failed` where it cannot be loaded.
 */
export async function loadScript<T>(specifier: string): Promise<T> {
  try {
    return await import(specifier) as T;
  } catch (cause) {
    throw notLoaded(specifier, cause);
  }
}

function notLoaded(specifier: string, cause: unknown): LimpidError {
  return new LimpidError(
    "codec-failed",
    `The image codec ${specifier} cannot be loaded; it comes from the npm registry at its first use and is then in Deno's cache.`,
    { cause },
  );
}
