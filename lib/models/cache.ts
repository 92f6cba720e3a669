/**
 * Downloaded models on disk, named by their sha256; the least recently used are
 * removed first.
 */
import { setTimeout as pause } from "node:timers/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { LimpidError } from "../errors.ts";
import { checkAborted } from "../job_control.ts";
import { isGranted } from "../permissions.ts";
import { isPlainFile, openPlainFile } from "./plain_file.ts";
import { FileSink, notesOf } from "./partial_file.ts";

/** Default of the bytes that a cache may hold. */
export const CACHE_LIMIT = 4 * 2 ** 30;
/** Milliseconds after which an abandoned part is removed. */
const STALE = 7 * 24 * 3_600_000;
/** Milliseconds between two attempts to get a lock. */
const LOCK_PAUSE = 100;
/**
 * Milliseconds that a part may stand still before nobody waits for it any more:
 * longer than a download that is tried again, since the process may be stopped.
 */
const PATIENCE = 120_000;

/** A file of the cache: its name and length. */
export interface Kept {
  readonly sha256: string;
  readonly bytes: number;
}

/** Result of {@linkcode Cache.prune}. */
export interface Pruned {
  readonly removed: number;
  readonly freed: number;
  /** Bytes that remain. */
  readonly left: number;
}

/**
 * A folder of models. Nothing in it is trusted: readers check the hash, and
 * links and pipes count as missing. Files in use have a shared lock, parts
 * being downloaded an exclusive one; locks end with their process.
 */
export class Cache implements Disposable {
  readonly folder: string;
  readonly #limit: number;
  readonly #patience: number;
  readonly #inUse = new Map<string, Deno.FsFile>();
  /** Hashes of damaged files that cannot be removed: they count as missing. */
  readonly #damaged = new Set<string>();

  /**
   * @param limit Most bytes.
   * @param patience Milliseconds to wait for another process whose part does not grow.
   */
  constructor(
    folder: string,
    limit: number = CACHE_LIMIT,
    patience: number = PATIENCE,
  ) {
    this.folder = folder;
    this.#limit = limit;
    this.#patience = patience;
  }

  /** Whether a file of that name and length exists and can be read. */
  async has({ sha256, bytes }: Kept): Promise<boolean> {
    const path = this.#path(sha256);
    if (this.#damaged.has(sha256) || !await isGranted("read", path)) {
      return false;
    }
    using file = await openPlainFile(path);
    return file !== null && (await file.stat()).size === bytes;
  }

  /**
   * Reads a file's bytes, unchecked; `null` where it is missing. The file
   * counts as in use from now on.
   */
  async read(kept: Kept): Promise<Uint8Array<ArrayBuffer> | null> {
    if (!await this.has(kept)) return null;
    try {
      const path = this.#path(kept.sha256);
      await this.#hold(kept.sha256);
      const bytes = await readPlainFile(path);
      if (bytes === null) return null;
      // Set the time of the last use, if the cache can be written.
      if (await isGranted("write", path)) {
        await Deno.utime(path, new Date(), new Date()).catch(() => {});
      }
      return bytes;
    } catch {
      return null;
    }
  }

  /** Removes a file whose contents do not match its name. */
  async remove(sha256: string): Promise<void> {
    this.#inUse.get(sha256)?.close();
    this.#inUse.delete(sha256);
    await Deno.remove(this.#path(sha256)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) this.#damaged.add(sha256);
    });
  }

  /**
   * Adds a file. Waits while another process adds the same file, unless that
   * stands still.
   *
   * @param source Where the bytes come from, to resume after an interruption.
   * @param fill Writes and checks the bytes. If it fails with `model-corrupt`
   * or the disk is full, the part is removed, otherwise it stays.
   * @returns `false` where the cache cannot be written, or not any more: its
   * folder may be removed, or its disk fail, while `fill` is at work
   * @throws {LimpidError} `unwritable` where the disk is full; what `fill` throws
   */
  async receive(
    kept: Kept,
    source: string,
    fill: (sink: FileSink) => Promise<void>,
    signal: AbortSignal | null,
  ): Promise<boolean> {
    const path = this.#path(kept.sha256);
    // A folder in its place would stop the file only once it has come.
    const there = await Deno.lstat(path).catch(() => null);
    if (there?.isDirectory) return false;
    const part = `${path}.part`;
    const lock = await this.#lockPart(part, kept, signal);
    if (lock === "unwritable") return false;
    if (lock === "there") return true;
    try {
      await fill(await FileSink.open(lock, part, source));
      await Deno.remove(notesOf(part)).catch(() => {});
      // Windows lets nobody read the file until the lock is gone.
      await Deno.rename(part, path);
    } catch (error) {
      const full = isFull(error);
      const isEmpty = (await Deno.stat(part).catch(() => null))?.size === 0;
      if (
        full || isEmpty || (error as LimpidError).code === "model-corrupt"
      ) {
        await Deno.remove(part).catch(() => {});
        await Deno.remove(notesOf(part)).catch(() => {});
      }
      if (full) throw this.#full(kept, error);
      if (error instanceof LimpidError) throw error;
      return false;
    } finally {
      lock.close();
    }
    await this.#hold(kept.sha256);
    await this.prune();
    return true;
  }

  /** Reads the manifest kept for a store's location; `null` for none. */
  async readManifest(
    location: string,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const path = this.#manifestPath(location);
    if (!await isGranted("read", path)) return null;
    return await readPlainFile(path).catch(() => null);
  }

  /** Stores a manifest, if the cache can be written. */
  async keepManifest(location: string, bytes: Uint8Array): Promise<void> {
    const path = this.#manifestPath(location);
    if (!await isGranted("write", this.folder)) return;
    const before = await this.readManifest(location);
    if (before !== null && equal(before, bytes)) return;
    const part = `${path}.${crypto.randomUUID()}.part`;
    try {
      await Deno.mkdir(this.folder, { recursive: true });
      await Deno.writeFile(part, bytes);
      await Deno.rename(part, path);
    } catch {
      await Deno.remove(part).catch(() => {});
    }
  }

  /**
   * Removes the least recently used files until the rest fits, and parts that
   * are a week old. Files that any process uses stay.
   *
   * @param limit Bytes. Default: the cache's limit.
   */
  async prune(limit: number = this.#limit): Promise<Pruned> {
    const files: { path: string; bytes: number; used: number }[] = [];
    let removed = 0;
    let freed = 0;
    const drop = async (path: string, bytes: number): Promise<boolean> => {
      if (!await removeUnused(path)) return false;
      removed++;
      freed += bytes;
      return true;
    };
    for (const name of await namesIn(this.folder)) {
      const path = join(this.folder, name);
      const info = await Deno.lstat(path).catch(() => null);
      if (info === null || !info.isFile) continue;
      const used = info.mtime?.getTime() ?? 0;
      if (/^[0-9a-f]{64}$/.test(name)) {
        files.push({ path, bytes: info.size, used });
      } else if (name.endsWith(".part") && Date.now() - used > STALE) {
        if (await drop(path, info.size)) {
          await Deno.remove(notesOf(path)).catch(() => {});
        }
      }
    }
    let left = files.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of files.sort((a, b) => a.used - b.used)) {
      if (left <= limit) break;
      if (await drop(path, bytes)) left -= bytes;
    }
    return { removed, freed, left };
  }

  /** Releases all files in use. */
  [Symbol.dispose](): void {
    for (const file of this.#inUse.values()) file.close();
    this.#inUse.clear();
  }

  #path(sha256: string): string {
    return join(this.folder, sha256);
  }

  #manifestPath(location: string): string {
    const name = createHash("sha256").update(location).digest("hex");
    return join(this.folder, `${name}.manifest.json`);
  }

  /** Locks a file so that no process prunes it. */
  async #hold(sha256: string): Promise<void> {
    if (this.#inUse.has(sha256)) return;
    const file = await openPlainFile(this.#path(sha256));
    if (file === null) return;
    // Where locks are missing (some network file systems), keep it open only.
    await file.tryLock(false).catch(() => false);
    if (this.#inUse.has(sha256)) file.close();
    else this.#inUse.set(sha256, file);
  }

  /** Opens and locks the part; or says why it cannot or need not. */
  async #lockPart(
    part: string,
    kept: Kept,
    signal: AbortSignal | null,
  ): Promise<Deno.FsFile | "unwritable" | "there"> {
    if (
      !await isGranted("write", this.folder) ||
      !await isGranted("read", this.folder)
    ) return "unwritable";
    let size = -1;
    let since = 0;
    for (;; await pause(LOCK_PAUSE)) {
      checkAborted({ signal });
      if (await this.has(kept)) return "there";
      let file: Deno.FsFile;
      try {
        await Deno.mkdir(this.folder, { recursive: true });
        await removeUnlessPlain(part);
        await removeUnlessPlain(notesOf(part));
        file = await Deno.open(part, { read: true, write: true, create: true });
      } catch (error) {
        if (isFull(error)) throw this.#full(kept, error);
        return "unwritable";
      }
      const locked = await file.tryLock(true).catch(() => null);
      if (locked === null) {
        file.close();
        return "unwritable";
      }
      if (!locked) {
        const { size: now } = await file.stat();
        if (now !== size) since = performance.now();
        else if (performance.now() - since >= this.#patience) {
          file.close();
          return "unwritable";
        }
        size = now;
      }
      // The last holder of the lock may have renamed or removed this file.
      const isCurrent = locked && await isSame(file, part);
      if (isCurrent && !await this.has(kept)) return file;
      if (isCurrent) await Deno.remove(part).catch(() => {});
      file.close();
    }
  }

  #full({ bytes }: Kept, cause: unknown): LimpidError {
    return new LimpidError(
      "unwritable",
      `The disk of the models' cache ${this.folder} is full; free ${
        Math.ceil(bytes / 1e6)
      } MB, or set LIMPID_CACHE_DIR to a folder elsewhere.`,
      { cause },
    );
  }
}

async function readPlainFile(
  path: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  using file = await openPlainFile(path);
  return file === null ? null : await new Response(file.readable).bytes();
}

/** Removes a link or another special file, which must not be written to. */
async function removeUnlessPlain(path: string): Promise<void> {
  if (await isPlainFile(path)) return;
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function isFull(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code ?? "";
  return ["ENOSPC", "EDQUOT"].includes(code) ||
    /os error (28|122|112)\)/.test(String(error));
}

async function isSame(file: Deno.FsFile, path: string): Promise<boolean> {
  const [open, there] = await Promise.all([
    file.stat(),
    Deno.stat(path).catch(() => null),
  ]);
  return there !== null && open.ino === there.ino && open.dev === there.dev;
}

/** Removes a file unless a process has locked it. */
async function removeUnused(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    if (!await file.tryLock(true)) return false;
    await Deno.remove(path);
    return true;
  } catch {
    return false;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch {
    // A folder that is missing has no files.
  }
  return names;
}
