/** Where a download is collected: a `.part` file that outlives the process, or memory. */
import { createHash, type Hash } from "node:crypto";

/** What a download is written to. */
export interface Sink {
  /** Bytes from the beginning that an earlier attempt left. */
  readonly length: number;
  /** Of the object that the bytes come from; `null` where that is not known. */
  readonly etag: string | null;
  /** A hash that has taken in the bytes that are there. */
  hash(): Promise<Hash>;
  /** Notes which object the bytes come from. */
  note(etag: string | null): Promise<void>;
  /** A place to write from. */
  at(offset: number): Promise<FileCursor>;
  /** Throws away what is there. */
  reset(): Promise<void>;
}

/** A position that moves on with what is written. */
export interface FileCursor extends Disposable {
  write(bytes: Uint8Array): Promise<void>;
}

/** Collects in memory, where nothing may be written. */
export class MemorySink implements Sink {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length = 0;
  readonly etag = null;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  hash(): Promise<Hash> {
    return Promise.resolve(createHash("sha256"));
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
      [Symbol.dispose]: () => {},
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

  async hash(): Promise<Hash> {
    return await hashFile(this.#path);
  }

  async note(etag: string | null): Promise<void> {
    const notes = { source: this.#source, etag };
    await Deno.writeTextFile(notesOf(this.#path), JSON.stringify(notes));
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
      [Symbol.dispose]: () => file.close(),
    };
  }

  async reset(): Promise<void> {
    await Deno.truncate(this.#path, 0);
    await Deno.remove(notesOf(this.#path)).catch(() => {});
    this.#length = 0;
    this.#etag = null;
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
