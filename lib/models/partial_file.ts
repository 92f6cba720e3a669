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
export interface FileCursor {
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
    });
  }

  reset(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * Collects in a file; a JSON file beside it records source and ETag. All goes
 * through one handle, the one that holds the lock: Windows lets no other read
 * or write what is locked.
 */
export class FileSink implements Sink {
  readonly #file: Deno.FsFile;
  readonly #notes: string;
  readonly #source: string;
  #length = 0;
  #etag: string | null = null;

  /**
   * @param file The file, open for reading and writing; it stays open.
   * @param path Its path, for the notes beside it.
   * @param source Where the bytes come from; notes of another source are
   * ignored.
   */
  static async open(
    file: Deno.FsFile,
    path: string,
    source: string,
  ): Promise<FileSink> {
    const sink = new FileSink(file, notesOf(path), source);
    sink.#length = (await file.stat()).size;
    try {
      const notes = JSON.parse(await Deno.readTextFile(sink.#notes));
      if (notes.source === source && typeof notes.etag === "string") {
        sink.#etag = notes.etag;
      }
    } catch {
      // Without notes, the hash at the end decides.
    }
    return sink;
  }

  private constructor(file: Deno.FsFile, notes: string, source: string) {
    this.#file = file;
    this.#notes = notes;
    this.#source = source;
  }

  get length(): number {
    return this.#length;
  }

  get etag(): string | null {
    return this.#etag;
  }

  async hash(): Promise<Hash> {
    await this.#file.seek(0, Deno.SeekMode.Start);
    const hash = createHash("sha256");
    const buffer = new Uint8Array(2 ** 18);
    for (;;) {
      const read = await this.#file.read(buffer);
      if (read === null) return hash;
      hash.update(buffer.subarray(0, read));
    }
  }

  async note(etag: string | null): Promise<void> {
    const notes = { source: this.#source, etag };
    await Deno.writeTextFile(this.#notes, JSON.stringify(notes));
  }

  async at(offset: number): Promise<FileCursor> {
    const file = this.#file;
    await file.seek(offset, Deno.SeekMode.Start);
    return {
      async write(bytes): Promise<void> {
        while (bytes.length > 0) {
          bytes = bytes.subarray(await file.write(bytes));
        }
      },
    };
  }

  async reset(): Promise<void> {
    await this.#file.truncate(0);
    await Deno.remove(this.#notes).catch(() => {});
    this.#length = 0;
    this.#etag = null;
  }
}

/** Path of the notes beside a part. */
export function notesOf(part: string): string {
  return `${part}.json`;
}
