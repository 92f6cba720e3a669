/** Where models come from: a folder or a web server with a `manifest.json`. */
import { pathToFileURL } from "node:url";
import { LimpidError } from "../errors.ts";
import type { Task } from "../types.ts";
import {
  type Kind,
  type ModelEntry,
  parseManifest,
  type Size,
} from "./manifest.ts";
import { publicUrl, readBytes } from "./read_bytes.ts";

/** The models that come with the library, beside `mod.ts`, wherever that was imported from. */
export const BUILT_IN: URL = new URL("../../models/", import.meta.url);

/** Longest manifest that is read, in bytes. */
const MAX_MANIFEST_BYTES = 2 ** 20;

/** Which model is wanted. */
export interface ModelQuery {
  readonly kind: Kind;
  /** Only for `restore`. */
  readonly task?: Task;
  /** Default: the first in the manifest, of any size. */
  readonly size?: Size;
}

/** A place that models come from. */
export interface Store {
  /** Its URL, without secrets. */
  readonly location: string;
  /** What its manifest lists, in that order. */
  readonly models: readonly ModelEntry[];
  /**
   * The first model that answers a query.
   *
   * @throws {LimpidError} `model-missing` where there is none.
   */
  find(query: ModelQuery): ModelEntry;
  /**
   * A model's bytes, whole and unchanged: size and sha256 are the manifest's.
   * They stay in memory with the store; do not write to them.
   *
   * @throws {LimpidError} `model-missing` where there is no such model or its
   * file cannot be read, `model-corrupt` where the file is another.
   */
  get(id: string): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Opens a store by reading its manifest.
 *
 * @param location A folder's path, or the `file:`, `http:` or `https:` URL of
 * a folder. Default: the models that come with the library.
 * @throws {LimpidError} `model-missing` where the manifest cannot be read,
 * `model-corrupt` where it is not valid, `invalid-option` for another kind of
 * URL.
 *
 * @example
 * ```ts
 * const store = await openStore();
 * const { id } = store.find({ kind: "restore", task: "rain" });
 * console.log(id, (await store.get(id)).length);
 * ```
 */
export async function openStore(
  location: string | URL = BUILT_IN,
): Promise<Store> {
  const folder = folderUrl(location);
  const url = new URL("manifest.json", folder);
  const bytes = await readBytes(url, MAX_MANIFEST_BYTES);
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new LimpidError(
      "model-corrupt",
      `The manifest ${
        publicUrl(url)
      } is longer than ${MAX_MANIFEST_BYTES} bytes; check the location of the models.`,
    );
  }
  const json = new TextDecoder().decode(bytes);
  return new FolderStore(folder, parseManifest(json, publicUrl(url)).models);
}

class FolderStore implements Store {
  readonly location: string;
  readonly models: readonly ModelEntry[];
  readonly #folder: URL;
  readonly #bytes = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

  constructor(folder: URL, models: readonly ModelEntry[]) {
    this.location = publicUrl(folder);
    this.models = models;
    this.#folder = folder;
  }

  find({ kind, task, size }: ModelQuery): ModelEntry {
    const found = this.models.find((model) =>
      model.kind === kind && model.task === (task ?? null) &&
      (size === undefined || model.size === size)
    );
    return found ?? this.#missing([size, kind, "model", task && `for ${task}`]);
  }

  async get(id: string): Promise<Uint8Array<ArrayBuffer>> {
    const model = this.models.find((m) => m.id === id) ??
      this.#missing(["model", id]);
    const known = this.#bytes.get(id);
    if (known !== undefined) return await known;
    const bytes = readModel(new URL(model.file, this.#folder), model);
    this.#bytes.set(id, bytes);
    // The next call tries again.
    bytes.catch(() => this.#bytes.delete(id));
    return await bytes;
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

/** The folder's URL, with the slash at its end that makes files resolve into it. */
function folderUrl(location: string | URL): URL {
  // Two letters at least: `C:\models` is a path.
  const isPath = typeof location === "string" &&
    !/^[a-z][a-z0-9+.-]+:/i.test(location);
  const url = isPath ? pathToFileURL(location) : URL.parse(location);
  if (url === null || !["file:", "http:", "https:"].includes(url.protocol)) {
    const shown = url === null
      ? "an address that is not valid"
      : publicUrl(url);
    throw new LimpidError(
      "invalid-option",
      `Models cannot come from ${shown}; give a folder, or a file:, http: or https: URL.`,
    );
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

async function readModel(
  url: URL,
  { id, bytes: length, sha256 }: ModelEntry,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readBytes(url, length);
  const corrupt = (is: string, wanted: string): LimpidError =>
    new LimpidError(
      "model-corrupt",
      `The model ${id} at ${
        publicUrl(url)
      } ${is}, its manifest says ${wanted}; fetch both again.`,
    );
  if (bytes.length !== length) {
    const is = bytes.length < length ? bytes.length : `more than ${length}`;
    throw corrupt(`has ${is} bytes`, String(length));
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
    .toHex();
  if (digest !== sha256) throw corrupt(`has the sha256 ${digest}`, sha256);
  return bytes;
}
