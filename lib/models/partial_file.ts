/** Collects a download in a `.part` file, to be resumed later, or in memory. */
import { createHash, type Hash } from "node:crypto";

/** The target of a download. */
export interface Sink {
  /** Bytes that an earlier attempt wrote. */
  readonly length: number;
  /** ETag of the object that the bytes come from; `null` for unknown. */
  readonly etag: string | null;
  /** Returns a hash of the bytes written so far, to be updated with more. */
  hash(): Promise<Hash>;
  /** Records the ETag of the object that the bytes come from. */
  note(etag: string | null): Promise<void>;
  /** Opens a position to write from. */
  at(offset: number): Promise<FileCursor>;
  /** Discards all bytes. */
  reset(): Promise<void>;
}

/** A position that advances with each write. */
export interface FileCursor extends Disposable {
  write(bytes: Uint8Array): Promise<void>;
}

/** Collects in memory, for when no file may be written. */
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

/** Collects in a file; a JSON file beside it records source and ETag. */
export class FileSink implements Sink {
  readonly #path: string;
  readonly #source: string;
  #length = 0;
  #etag: string | null = null;

  /**
   * @param path Path of a file that exists.
   * @param source Where the bytes come from; notes of another source are
   * ignored.
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
      // Without notes, the hash at the end decides.
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

/** Path of the notes beside a part. */
export function notesOf(part: string): string {
  return `${part}.json`;
}

/** Hashes a file; the hash may be updated with more. */
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
