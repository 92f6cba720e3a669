/** Stores of models: a folder, web server or bucket with a `manifest.json`. */
import { createHash } from "node:crypto";
import { LimpidError } from "../errors.ts";
import type { Device, Task } from "../types.ts";
import { fetchSmall } from "./response_body.ts";
import { Cache, CACHE_LIMIT } from "./cache.ts";
import { cacheFolder } from "./cache_folder.ts";
import { corruptModel, download } from "./download.ts";
import { httpFile, httpSource } from "./http_source.ts";
import { variableIfGranted } from "../permissions.ts";
import { BUILT_IN, parseLocation } from "./location.ts";
import {
  type Kind,
  type ModelEntry,
  parseManifest,
  type Size,
} from "./manifest.ts";
import { parseBytes } from "./parse_bytes.ts";
import { RETRY_POLICY, type RetryPolicy } from "./retry.ts";
import { readLocal } from "./local_file.ts";
import { openBucket } from "./s3_source.ts";
import { SingleFlight, type Transfer } from "./single_flight.ts";
import { MemorySink, type Sink } from "./partial_file.ts";
import type { RemoteFile, Source } from "./source.ts";

/** Longest manifest that is read, in bytes. */
const MAX_MANIFEST_BYTES = 2 ** 20;

/** Which model is wanted. */
export interface ModelQuery {
  readonly kind: Kind;
  /** For `restore`; for `mask`, of a network that finds this damage alone. */
  readonly task?: Task;
  /** Default: any. */
  readonly size?: Size;
  /** Excludes models that are not meant for this device. Default: any. */
  readonly device?: Device;
}

/** Whether a model is what a query asks for. */
export function fits(
  model: ModelEntry,
  { kind, task, size, device }: ModelQuery,
): boolean {
  return model.kind === kind && model.task === (task ?? null) &&
    (size === undefined || model.size === size) &&
    (device === undefined || (model.devices?.includes(device) ?? true));
}

/** How a store is opened. */
export interface StoreOptions {
  /** Never use the network, only the cache. Default: no. */
  readonly offline?: boolean;
  /** Folder of the cache; `null` for none. Default: see {@linkcode cacheFolder}. */
  readonly cache?: string | null;
  /** Most bytes of the cache. Default: LIMPID_CACHE_LIMIT, else 4 GiB. */
  readonly cacheLimit?: number;
  readonly retryPolicy?: Partial<RetryPolicy>;
  readonly signal?: AbortSignal | null;
}

/** A store of models. Dispose of it when its models are no longer in use. */
export interface Store extends Disposable {
  /** The store's address, without secrets. */
  readonly location: string;
  /** The models of the manifest, in its order. */
  readonly models: readonly ModelEntry[];
  /**
   * The first model that matches a query.
   *
   * @throws {LimpidError} `model-missing` where there is none.
   */
  find(query: ModelQuery): ModelEntry;
  /**
   * Reads a model's bytes; size and sha256 are checked against the manifest.
   * Callers may share the bytes; do not write to them.
   *
   * @throws {LimpidError} `model-missing` where there is no such model or its
   * file cannot be read, `model-corrupt` where size or sha256 differ (it is
   * fetched again a minute later at the earliest),
   * `unwritable` where the cache's disk is full, `aborted`.
   */
  get(id: string, transfer?: Transfer): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Downloads a model to the cache without reading it into memory, or to memory
   * where there is no cache; throws as `get` does.
   */
  pull(id: string, transfer?: Transfer): Promise<void>;
}

/**
 * Opens a store by reading its manifest.
 *
 * @param location `embedded:` (default: the models that come with the
 * library), a folder's path, a `file:`, `https:`, `http:` or `s3:` URL; see
 * {@linkcode parseLocation}.
 * @throws {LimpidError} `model-missing` where the manifest cannot be read,
 * `model-corrupt` where it is not valid or not the pinned one,
 * `invalid-option` for another kind of URL.
 *
 * @example
 * ```ts
 * using store = await openStore();
 * const { id } = store.find({ kind: "restore", task: "rain" });
 * console.log(id, (await store.get(id)).length);
 * ```
 */
export async function openStore(
  location: string | URL = BUILT_IN,
  options: StoreOptions = {},
): Promise<LimpidStore> {
  const place = parseLocation(location);
  if (place.kind === "file") {
    const { manifest: url, pin } = place;
    const bytes = await readLocal(url, MAX_MANIFEST_BYTES);
    return new LimpidStore(
      { shown: new URL(".", url).href, folder: url },
      read(bytes, url.href, pin),
      cacheOf(options),
      options,
    );
  }
  const source = place.kind === "s3"
    ? await openBucket(place)
    : httpSource(place);
  const cache = cacheOf(options);
  const bytes = await manifestOf(source, place.pin, cache, options);
  const manifest = read(bytes, source.manifest.shown, place.pin);
  await cache?.keepManifest(source.location, bytes);
  return new LimpidStore(
    { shown: source.location, source },
    manifest,
    cache,
    options,
  );
}

function cacheOf({ cache, cacheLimit }: StoreOptions): Cache | null {
  const folder = cache === undefined ? cacheFolder() : cache;
  if (folder === null) return null;
  const set = variableIfGranted("LIMPID_CACHE_LIMIT");
  const limit = set === undefined
    ? CACHE_LIMIT
    : parseBytes(set, "LIMPID_CACHE_LIMIT");
  return new Cache(folder, cacheLimit ?? limit);
}

/** A manifest that was read. */
interface Read {
  readonly models: readonly ModelEntry[];
  readonly json: string;
  readonly sha256: string;
}

function read(bytes: Uint8Array, shown: string, pin: string | null): Read {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new LimpidError(
      "model-corrupt",
      `The manifest ${shown} is longer than ${MAX_MANIFEST_BYTES} bytes; check the location of the models.`,
    );
  }
  const sha256 = hashOf(bytes);
  if (pin !== null && sha256 !== pin) {
    throw new LimpidError(
      "model-corrupt",
      `The manifest ${shown} has the sha256 ${sha256}, the location demands ${pin}; find out who changed it before you use it.`,
    );
  }
  const json = new TextDecoder().decode(bytes);
  return { models: parseManifest(json, shown).models, json, sha256 };
}

async function manifestOf(
  { location, manifest }: Source,
  pin: string | null,
  cache: Cache | null,
  { offline = false, retryPolicy, signal = null }: StoreOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const kept = await cache?.readManifest(location) ?? null;
  const isWanted = kept !== null &&
    (pin === null ? offline : hashOf(kept) === pin);
  if (isWanted) return kept;
  if (offline) {
    throw new LimpidError(
      "model-missing",
      `The manifest of ${location} is not in ${
        named(cache)
      }, and the network is not used in offline mode; ${howToPull(location)}.`,
    );
  }
  return await fetchSmall(
    manifest,
    MAX_MANIFEST_BYTES,
    { ...RETRY_POLICY, ...retryPolicy },
    signal,
  );
}

/** Looks for a file in the cache that is there and cannot be read. */
const MOST_TRIES = 3;

/**
 * Milliseconds for which a model that came damaged is not fetched again: in a
 * service every request would fetch all of it.
 */
export const DAMAGED_FOR = 60_000;

/** Where a store's files are. */
type Home =
  | { readonly shown: string; readonly folder: URL }
  | { readonly shown: string; readonly source: Source };

/** The store that {@linkcode openStore} returns. */
export class LimpidStore implements Store {
  readonly location: string;
  readonly models: readonly ModelEntry[];
  /** The manifest's text and sha256. */
  readonly manifest: { readonly json: string; readonly sha256: string };
  readonly cache: Cache | null;
  readonly #home: Home;
  readonly #offline: boolean;
  readonly #retryPolicy: RetryPolicy;
  /** Models that the cache could not keep, and those read from a folder. */
  readonly #memory = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  readonly #pulls = new Map<string, SingleFlight<void>>();
  /** Models that came damaged, and until when each is not fetched again. */
  readonly #damaged = new Map<string, { error: LimpidError; until: number }>();

  constructor(
    home: Home,
    { models, json, sha256 }: Read,
    cache: Cache | null,
    { offline = false, retryPolicy }: StoreOptions,
  ) {
    this.location = home.shown;
    this.models = models;
    this.manifest = { json, sha256 };
    this.cache = cache;
    this.#home = home;
    this.#offline = offline;
    this.#retryPolicy = { ...RETRY_POLICY, ...retryPolicy };
  }

  find(query: ModelQuery): ModelEntry {
    const { kind, task, size, device } = query;
    const found = this.models.find((model) => fits(model, query));
    return found ?? this.#missing([
      size,
      kind,
      "model",
      task && `for ${task}`,
      device && `on ${device}`,
    ]);
  }

  async get(
    id: string,
    transfer: Transfer = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const model = this.#model(id);
    const path = this.#path(model);
    if (path !== null) return await this.#fromFolder(model, path);
    for (let tries = 1;; tries++) {
      const inMemory = this.#memory.get(id);
      if (inMemory !== undefined) return await inMemory;
      const bytes = await this.cache?.read(model) ?? null;
      const fault = bytes === null ? null : faultOf(model, bytes);
      if (bytes !== null && fault === null) return bytes;
      if (fault !== null) {
        // The file was damaged in the cache: download it again.
        await this.cache!.remove(model.sha256);
        if (tries > 1) throw corruptModel(model, this.cache!.folder, ...fault);
      }
      if (tries > MOST_TRIES) throw this.#unreadable(model);
      await this.pull(id, transfer);
    }
  }

  async pull(id: string, transfer: Transfer = {}): Promise<void> {
    const model = this.#model(id);
    if (await this.isHere(id)) return;
    if (this.#offline) {
      throw this.#notHere(model, await this.#absentBeside(model));
    }
    const damaged = this.#damaged.get(id);
    if (damaged !== undefined && performance.now() < damaged.until) {
      throw damaged.error;
    }
    const known = this.#pulls.get(id);
    if (known !== undefined && !known.stopped) {
      return await known.join(transfer);
    }
    const begun = new SingleFlight<void>(({ signal, onProgress }) =>
      this.#fetch(model, {
        signal,
        onProgress: (done) => onProgress(done, model.bytes),
      })
    );
    this.#pulls.set(id, begun);
    const end = (): void => {
      if (this.#pulls.get(id) === begun) this.#pulls.delete(id);
    };
    begun.result.then(end, (error) => {
      end();
      if (!(error instanceof LimpidError) || error.code !== "model-corrupt") {
        return;
      }
      const until = performance.now() + DAMAGED_FOR;
      this.#damaged.set(id, { error, until });
    });
    await begun.join(transfer);
  }

  /** Whether a model is here, so that {@linkcode get} needs no network. */
  async isHere(id: string): Promise<boolean> {
    const model = this.#model(id);
    return this.#path(model) !== null || this.#memory.has(id) ||
      (await this.cache?.has(model) ?? false);
  }

  /**
   * Compares the local copy with the manifest, without using the network.
   *
   * @throws {LimpidError} `model-missing`, `model-corrupt`
   */
  async verify(id: string): Promise<void> {
    const model = this.#model(id);
    const path = this.#path(model);
    if (path !== null) return void await this.#fromFolder(model, path);
    const bytes = await this.cache?.read(model) ?? null;
    if (bytes === null) throw this.#notHere(model);
    const fault = faultOf(model, bytes);
    if (fault !== null) throw corruptModel(model, this.cache!.folder, ...fault);
  }

  /**
   * Makes sure that a model is kept for the next program, too.
   *
   * @throws {LimpidError} `unwritable` where it is in memory only.
   */
  async checkKept(id: string): Promise<void> {
    const model = this.#model(id);
    if (this.#path(model) !== null || await this.cache?.has(model)) return;
    throw new LimpidError(
      "unwritable",
      `The model ${id} cannot be kept in ${
        named(this.cache)
      }; name a folder that can be written in LIMPID_CACHE_DIR.`,
    );
  }

  /** Stops downloads, and releases the files in the cache. */
  [Symbol.dispose](): void {
    for (const pull of this.#pulls.values()) pull.stop();
    this.cache?.[Symbol.dispose]();
  }

  #model(id: string): ModelEntry {
    return this.models.find((m) => m.id === id) ??
      this.#missing(["model", id]);
  }

  /** Where a model is on this disk; `null` if it is on a server. */
  #path({ url, file }: ModelEntry): URL | null {
    return url === undefined && "folder" in this.#home
      ? new URL(file, this.#home.folder)
      : null;
  }

  #remote({ url, file }: ModelEntry): RemoteFile {
    if (url !== undefined) return httpFile(new URL(url));
    if ("source" in this.#home) return this.#home.source.file(file);
    throw new TypeError(`${file} is on the disk`);
  }

  #fromFolder(model: ModelEntry, path: URL): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#memory.get(model.id);
    if (known !== undefined) return known;
    const bytes = readModel(model, path);
    this.#memory.set(model.id, bytes);
    // The next call tries again.
    bytes.catch(() => this.#memory.delete(model.id));
    return bytes;
  }

  /** Downloads to the cache, or to memory where the cache cannot be written. */
  async #fetch(
    model: ModelEntry,
    { signal, onProgress }: {
      readonly signal: AbortSignal;
      readonly onProgress: (bytes: number) => void;
    },
  ): Promise<void> {
    const file = this.#remote(model);
    const retryPolicy = this.#retryPolicy;
    const fill = (sink: Sink): Promise<void> =>
      download(file, model, sink, { signal, retryPolicy, onProgress });
    const { shown } = file;
    if (await this.cache?.receive(model, shown, fill, signal)) return;
    const sink = new MemorySink(model.bytes);
    await fill(sink);
    this.#memory.set(model.id, Promise.resolve(sink.bytes));
  }

  /** The other models that are not here, so that all can be fetched at once. */
  async #absentBeside({ id }: ModelEntry): Promise<string[]> {
    const others = this.models.map((m) => m.id).filter((other) => other !== id);
    const here = await Promise.all(others.map((other) => this.isHere(other)));
    return others.filter((_, i) => !here[i]);
  }

  #unreadable({ id }: ModelEntry): LimpidError {
    return new LimpidError(
      "model-missing",
      `The model ${id} is in ${
        named(this.cache)
      }, and cannot be read; check its disk, or name another folder in LIMPID_CACHE_DIR.`,
    );
  }

  /** @param others Other models that are not here, named in the message. */
  #notHere(model: ModelEntry, others: readonly string[] = []): LimpidError {
    return new LimpidError(
      "model-missing",
      `The model ${model.id} of ${this.location} is not in ${
        named(this.cache)
      }${others.length > 0 ? ` (nor are ${others.join(", ")})` : ""}; ${
        howToPull(this.location)
      }.`,
    );
  }

  #missing(what: (string | undefined)[]): never {
    throw new LimpidError(
      "model-missing",
      `There is no ${
        what.filter(Boolean).join(" ")
      } in ${this.location}; it has ${
        this.models.map(({ id }) => id).join(", ")
      }.`,
    );
  }
}

function named(cache: Cache | null): string {
  return cache === null
    ? "a cache, as no folder for one is known (LIMPID_CACHE_DIR names one)"
    : `the cache ${cache.folder}`;
}

function howToPull(location: string): string {
  return `fetch it where there is a network, with: deno task models pull --models "${location}" (installed: limpid models pull ...)`;
}

async function readModel(
  model: ModelEntry,
  path: URL,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readLocal(path, model.bytes);
  const fault = faultOf(model, bytes);
  if (fault !== null) throw corruptModel(model, path.href, ...fault);
  return bytes;
}

/** How a file differs from its manifest entry; `null` where it does not. */
function faultOf(
  { bytes: length, sha256 }: ModelEntry,
  bytes: Uint8Array,
): readonly [is: string, wanted: string] | null {
  if (bytes.length !== length) {
    const is = bytes.length < length ? bytes.length : `more than ${length}`;
    return [`has ${is} bytes`, String(length)];
  }
  const digest = hashOf(bytes);
  return digest === sha256 ? null : [`has the sha256 ${digest}`, sha256];
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
