/** Where a download is collected: a `.part` file that outlives the process, or memory. */
import { createHash, type Hash } from "node:crypto";

/** What a download is written to. */
export interface Sink {
  /** Bytes from the beginning that an earlier attempt left. */
  readonly length: number;
  /** Indices of the chunks that an earlier attempt left. */
  readonly done: ReadonlySet<number>;
  /** Of the object that the bytes come from; `null` where that is not known. */
  readonly etag: string | null;
  /** A hash that has taken in the bytes that are there. */
  hash(): Promise<Hash>;
  /** The sha256 of all that was collected. */
  digest(): Promise<string>;
  /** Notes where the bytes come from, and which chunks are whole. */
  note(etag: string | null, done: Iterable<number>): Promise<void>;
  /** A place to write from. */
  at(offset: number): Promise<FileCursor>;
  /** Throws away what is there. */
  reset(): Promise<void>;
}

/** A position that moves on with what is written. */
export interface FileCursor {
  write(bytes: Uint8Array): Promise<void>;
  close(): void;
}

/** Collects in memory, where nothing may be written. */
export class MemorySink implements Sink {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length = 0;
  readonly done: ReadonlySet<number> = new Set<number>();
  readonly etag = null;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  hash(): Promise<Hash> {
    return Promise.resolve(createHash("sha256"));
  }

  digest(): Promise<string> {
    const hash = createHash("sha256").update(this.bytes);
    return Promise.resolve(hash.digest("hex"));
  }

  note(): Promise<void> {
    return Promise.resolve();
  }

  at(offset: number): Promise<FileCursor> {
    return Promise.resolve({
      write: (bytes) => {
        this.bytes.set(bytes, offset);
        offset += bytes.length;
        return Promise.resolve();
      },
      close: () => {},
    });
  }

  reset(): Promise<void> {
    return Promise.resolve();
  }
}

/** Collects in a file; what is known of it stands beside it as JSON. */
export class FileSink implements Sink {
  readonly #path: string;
  readonly #source: string;
  #length = 0;
  #etag: string | null = null;
  #done: ReadonlySet<number> = new Set<number>();
  #noting = Promise.resolve();

  /**
   * @param path Of a file that exists.
   * @param source What the bytes come from: the notes of another do not count.
   */
  static async open(path: string, source: string): Promise<FileSink> {
    const sink = new FileSink(path, source);
    sink.#length = (await Deno.stat(path)).size;
    try {
      const notes = JSON.parse(await Deno.readTextFile(notesOf(path)));
      if (notes.source === source) {
        if (typeof notes.etag === "string") sink.#etag = notes.etag;
        if (Array.isArray(notes.done)) sink.#done = new Set(notes.done);
      }
    } catch {
      // Nothing is known; the hash at the end decides.
    }
    return sink;
  }

  private constructor(path: string, source: string) {
    this.#path = path;
    this.#source = source;
  }

  get length(): number {
    return this.#length;
  }

  get etag(): string | null {
    return this.#etag;
  }

  get done(): ReadonlySet<number> {
    return this.#done;
  }

  async hash(): Promise<Hash> {
    return await hashFile(this.#path);
  }

  async digest(): Promise<string> {
    return (await this.hash()).digest("hex");
  }

  async note(etag: string | null, done: Iterable<number>): Promise<void> {
    const notes = { source: this.#source, etag, done: [...done] };
    const write = (): Promise<void> =>
      Deno.writeTextFile(notesOf(this.#path), JSON.stringify(notes));
    // One after the other: chunks come side by side.
    this.#noting = this.#noting.then(write, write);
    await this.#noting;
  }

  async at(offset: number): Promise<FileCursor> {
    const file = await Deno.open(this.#path, { write: true });
    await file.seek(offset, Deno.SeekMode.Start);
    return {
      async write(bytes): Promise<void> {
        while (bytes.length > 0) {
          bytes = bytes.subarray(await file.write(bytes));
        }
      },
      close: () => file.close(),
    };
  }

  async reset(): Promise<void> {
    await Deno.truncate(this.#path, 0);
    await Deno.remove(notesOf(this.#path)).catch(() => {});
    this.#length = 0;
    this.#etag = null;
    this.#done = new Set();
  }
}

/** The file beside a part that says where it comes from. */
export function notesOf(part: string): string {
  return `${part}.json`;
}

/** A hash that has taken in a file. */
export async function hashFile(path: string): Promise<Hash> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const buffer = new Uint8Array(2 ** 18);
  for (;;) {
    const read = await file.read(buffer);
    if (read === null) return hash;
    hash.update(buffer.subarray(0, read));
  }
}
