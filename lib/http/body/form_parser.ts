/** Parses multipart/form-data while it arrives. */
import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";
import { Busboy } from "../../../deps_http.ts";
import { ByteCollector } from "./byte_collector.ts";
import { Interruptible } from "./interruptible.ts";
import { Problem } from "../problem.ts";

/** The files of a form; `null` where one is missing, or none was chosen. */
export type Files = Record<Field, Uint8Array<ArrayBuffer> | null>;

/** Names of the fields. */
const FIELDS = ["image", "mask"] as const;
type Field = typeof FIELDS[number];

/** Most bytes of a part's headers. */
const HEADERS = 8192;
/**
 * Most bytes before the first part, so that an endless body without a boundary
 * is refused.
 */
const PREAMBLE = 65_536;
/** Bytes passed to the parser at once, so that no piece takes long. */
const PIECE = 65_536;

/** Names of a form's fields are hostile, may be long, and may be left out. */
const shown = (name = ""): string => JSON.stringify(name.slice(0, 40));

const TOO_MANY = "The form may have one field image and one field mask.";

/**
 * Parses a form with an image and a mask. It stops at the first superfluous or
 * unknown part, so that time and memory depend on the files, not on the number
 * of parts.
 */
export class FormParser {
  readonly #parser: InstanceType<typeof Busboy>;
  readonly #expected: number;
  readonly #files = new Map<Field, ByteCollector>();
  #before = 0;
  /** Whether the mask has no file name: a form sends an empty one where no file was chosen. */
  #nameless = false;
  readonly #ended = Promise.withResolvers<void>();
  readonly #waits = new Interruptible();

  /**
   * @param type The Content-Type.
   * @param expected Bytes of the whole form, if known.
   * @throws {Problem} `invalid-request` where `type` is no form or has no
   * boundary.
   */
  constructor(type: string, expected: number) {
    this.#expected = expected;
    try {
      this.#parser = new Busboy({
        headers: { "content-type": type },
        limits: { parts: FIELDS.length, fieldSize: 1, headerSize: HEADERS },
      });
    } catch (cause) {
      throw new Problem(
        "invalid-request",
        "A multipart body must be multipart/form-data, with a boundary.",
        { cause },
      );
    }
    this.#parser
      .on("file", (name, stream, filename) => {
        if (name === "mask" && !filename) this.#nameless = true;
        this.#file(name, stream);
      })
      .on("field", (name, value) => {
        // What a form sends for a file that nobody chose.
        if (name === "mask" && value === "") return;
        this.#fail(fieldWithoutFile(name));
      })
      .on("partsLimit", () => this.#fail(TOO_MANY))
      .on("error", (cause) => this.#fail("The form cannot be read.", cause))
      .on("finish", () => this.#ended.resolve());
  }

  /** @throws {Problem} `invalid-request` */
  async add(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length; at += PIECE) {
      const part = piece.subarray(at, at + PIECE);
      const bytes = Buffer.from(part.buffer, part.byteOffset, part.length);
      const taken = Promise.withResolvers<void>();
      this.#parser.write(bytes, () => taken.resolve());
      await this.#waits.wait(taken.promise);
      if (this.#files.size > 0) continue;
      this.#before += part.length;
      if (this.#before > PREAMBLE + HEADERS) {
        throw new Problem(
          "invalid-request",
          "The form does not begin with the boundary that its Content-Type names.",
        );
      }
    }
  }

  /** @throws {Problem} `invalid-request` where the form is not complete. */
  async end(): Promise<Files> {
    this.#parser.end();
    await this.#waits.wait(this.#ended.promise);
    const bytesOf = (name: Field): Uint8Array<ArrayBuffer> | null =>
      this.#files.get(name)?.bytes ?? null;
    const mask = bytesOf("mask");
    const isChosen = mask !== null && (mask.length > 0 || !this.#nameless);
    return { image: bytesOf("image"), mask: isChosen ? mask : null };
  }

  #file(name: string | undefined, stream: Readable): void {
    // An error without a listener would end the process.
    stream.on(
      "error",
      (cause) => this.#fail("The form cannot be read.", cause),
    );
    const field = FIELDS.find((field) => field === name);
    if (field === undefined || this.#files.has(field)) {
      this.#fail(field === undefined ? unknown(name) : TOO_MANY);
      stream.resume();
      return;
    }
    const bytes = new ByteCollector(this.#expected);
    this.#files.set(field, bytes);
    stream.on("data", (piece: Uint8Array) => bytes.add(piece));
  }

  #fail(detail: string, cause?: unknown): void {
    this.#waits.interrupt(new Problem("invalid-request", detail, { cause }));
  }
}

function fieldWithoutFile(name?: string): string {
  return FIELDS.some((field) => field === name)
    ? `The field ${name} must be a file, with a file name.`
    : unknown(name);
}

function unknown(name?: string): string {
  return `There is no form field ${
    shown(name)
  }; the fields are image and mask, and options belong in the query.`;
}
