/**
 * Loads and runs WebAssembly codecs from npm packages.
 *
 * The modules come through source-phase imports (`import.source`), which need
 * no permission; the packages' own loaders want to read or fetch a file.
 */
import { LimpidError } from "../errors.ts";

/** A codec with what belongs to it. */
export interface Codec<T> {
  /** What the codec offers: an Emscripten module, or plain exports. */
  readonly api: T;
  readonly memory: WebAssembly.Memory;
}

/**
 * An instance is used again while it is no larger than this. WebAssembly memory
 * never shrinks, so a larger one is given back; but with a new instance for
 * each image, gigabytes would wait for the garbage collector. A 24 MP JPEG
 * takes 0.1 GB to decode, and next to nothing to encode.
 */
const MAX_KEPT_BYTES = 512 * 1024 * 1024;

/** Bytes of what is let go, some of which the garbage collector has not seen yet. */
let left = 0;

/**
 * Bytes that this thread's codecs have taken and, as far as it can know, not
 * given back: instances that are kept, and instances and pixels let go. V8
 * does not collect the latter for their size, so that gigabytes may wait: only
 * the end of the thread is sure to free them.
 */
export function takenBytes(): number {
  let bytes = left;
  for (const { memory } of kept.values()) bytes += memory.buffer.byteLength;
  return bytes;
}

/** Adds to {@linkcode takenBytes} what is let go and not known here. */
export function noteTaken(bytes: number): void {
  left += bytes;
}

const modules = new Map<string, Promise<WebAssembly.Module>>();
const kept = new Map<string, Codec<unknown>>();

/**
 * Runs a job on a codec. An instance whose job threw is not used again: what a
 * damaged or hostile file did to it goes with it.
 *
 * @param key What the instance is kept under: the specifier of its `.wasm`.
 * @param create Makes an instance where none is kept.
 * @param job Must free what it allocates in the codec, unless it throws.
 */
export async function withCodec<T, R>(
  key: string,
  create: (key: string) => Promise<Codec<T>>,
  job: (codec: Codec<T>) => R,
): Promise<R> {
  // Taken out while in use, so that no two jobs share an instance.
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

/** Runs a job on an instance of its own, which is let go. */
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
 * A new instance of a `.wasm` that needs no script.
 *
 * @throws {LimpidError} `device-unavailable` where it cannot be loaded.
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

/** What an Emscripten factory is given here. */
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
 * A new instance of an Emscripten codec.
 *
 * @param script Specifier of the codec's JavaScript, a factory by default export.
 * @param wasm Specifier of its `.wasm`.
 * @throws {LimpidError} `device-unavailable` where it cannot be loaded.
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
  // @jsquash/webp leaves a `location` without an address behind, which misleads others.
  if (globalThis.location?.href === "") {
    Reflect.deleteProperty(globalThis, "location");
  }
  return { api, memory: memory! };
}

function memoryOf(instance: WebAssembly.Instance): WebAssembly.Memory {
  // Emscripten shortens the name, so the memory is known by its type.
  return Object.values(instance.exports).find((value) =>
    value instanceof WebAssembly.Memory
  ) as WebAssembly.Memory;
}

/**
 * The compiled module of a `.wasm`.
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

/**
 * A codec's script.
 *
 * @throws {LimpidError} `device-unavailable` where it cannot be loaded.
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
    "device-unavailable",
    `The image codec ${specifier} cannot be loaded; it comes from the npm registry at its first use and is then in Deno's cache.`,
    { cause },
  );
}
