/** `--report FILE.html`: a single page with photographs before and after. */
import { decode, encode } from "../codecs/mod.ts";
import { LimpidError } from "../errors.ts";
import { overWhite } from "../pixels/over_white.ts";
import { pack } from "../pixels/planes.ts";
import { networkInputSize, reduceImage } from "../pixels/reduce.ts";
import type { MaskResult, Raster, RestoreResult } from "../types.ts";
import { printable } from "../flags/terminal.ts";
import { unwritable } from "../write_fault.ts";
import { waitForDisk, writeAll } from "../write_new_file.ts";
import { percent } from "./report.ts";
import { writeFile } from "./write_file.ts";

/** Longest side of the images on the page, in pixels. */
const MAX_SIDE = 1024;
const QUALITY = 82;

/** A photograph, and its images on the page as data URLs. */
interface Shown {
  readonly input: string;
  readonly output: string;
  readonly result: RestoreResult;
  readonly before: string;
  readonly after: string;
  readonly mask: string;
}

/**
 * Writes the page as photographs come: what is written is a whole page at every
 * moment, and nothing of a photograph stays in memory. The page itself puts the
 * worst first.
 */
export class HtmlReport implements Disposable {
  readonly #path: string;
  #file: Deno.FsFile | null = null;
  /** Bytes of whole sections. */
  #length = 0;
  /** Photographs may be done at once; sections are written one by one. */
  #written: Promise<void> = Promise.resolve();
  #fault: unknown = null;

  /** @param path Of the page. An earlier one stays until there is something to show. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Adds a photograph whose result is written.
   *
   * @param section As {@linkcode sectionOf} makes it.
   */
  async add(section: string): Promise<void> {
    await this.#write(section);
  }

  /** Adds a photograph that could not be done. */
  async fail(input: string, { message }: LimpidError): Promise<void> {
    await this.#write(
      `<section class="failed"><h2>${escaped(input)}</h2>
<p>Could not be done: ${escaped(message)}</p></section>
`,
    );
  }

  /**
   * Completes the page.
   *
   * @throws {LimpidError} `unwritable` where any of it could not be written, or
   * the page was removed or replaced meanwhile.
   */
  async end(): Promise<void> {
    await this.#write("");
    // Over a network some file systems tell only now that there is no room.
    if (this.#file !== null) {
      await waitForDisk(this.#file).catch((error) => this.#fault ??= error);
    }
    this.#fault ??= await this.#replaced();
    if (this.#fault instanceof LimpidError) throw this.#fault;
    if (this.#fault !== null) {
      throw unwritable(printable(this.#path), this.#fault);
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = null;
  }

  /** The fault of a page that somebody else removed or replaced. */
  async #replaced(): Promise<LimpidError | null> {
    const [own, there] = [
      await this.#file?.stat(),
      await Deno.stat(this.#path).catch(() => null),
    ];
    return there?.ino === own?.ino && there?.dev === own?.dev
      ? null
      : new LimpidError(
        "unwritable",
        `The report ${
          printable(this.#path)
        } was removed or replaced while it was written; photographs that came before are not on it.`,
      );
  }

  /** Images are restored on where the page cannot be written: `end` tells it. */
  #write(html: string): Promise<void> {
    this.#written = this.#written.then(async () => {
      try {
        if (this.#file === null) {
          const head = new TextEncoder().encode(HEAD);
          await writeFile(this.#path, head);
          this.#file = await Deno.open(this.#path, { append: true });
          this.#length = head.length;
        }
        const section = new TextEncoder().encode(html);
        await writeAll(this.#file, section);
        this.#length += section.length;
      } catch (error) {
        this.#fault ??= error;
        // Later sections may fit again; half a one would spoil them.
        await this.#file?.truncate(this.#length).catch(() => {});
      }
    });
    return this.#written;
  }
}

/**
 * Makes a photograph's section of the page.
 *
 * @param file The input's bytes.
 */
export async function sectionOf(
  input: string,
  output: string,
  file: Uint8Array,
  result: RestoreResult,
): Promise<string> {
  const { width, height } = result;
  const limits = { maxPixels: width * height, maxBytes: file.length };
  const { raster } = await decode(file, limits, () => {});
  return htmlOf({
    input,
    output,
    result,
    before: await shown(raster),
    after: await shown(result.pixels),
    mask: await shown(maskRaster(result)),
  });
}

function htmlOf(
  { input, output, result, before, after, mask }: Shown,
): string {
  const found = result.tasks.length === 0
    ? result.confidence === 0
      ? "Not looked at: too small or narrow"
      : `No damage found (${percent(result.confidence)} sure)`
    : result.tasks.map((task) =>
      `${task}, ${percent(result.probabilities[task])} sure`
    ).join("; ");
  const restored = result.restored.length > 0
    ? `restored: ${result.restored.join(", ")}`
    : "left as it is";
  const facts = [
    ["Found", found],
    ["Done", restored],
    ["Covers", percent(result.coverage)],
    ["Severity", result.severity.toFixed(2)],
    ["Size", `${result.width} x ${result.height}`],
    ["Time", `${(result.times.total / 1000).toFixed(1)} s on ${result.device}`],
    ["Models", result.models.map(({ id }) => id).join(", ")],
    ["Written to", output],
  ] as const;
  const weight = result.coverage * result.severity;
  return `<section data-weight="${weight.toFixed(6)}">
<h2>${escaped(input)}</h2>
<div class="images">
<figure class="compare">
<img src="${before}" alt="before"><img class="after" src="${after}" alt="after">
<input type="range" min="0" max="100" value="50" aria-label="How much of the restored photograph is shown">
</figure>
<figure><img src="${mask}" alt="where damage was found"></figure>
</div>
<dl>${
    facts.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`)
      .join("")
  }</dl>
</section>
`;
}

/** A data URL of an image, reduced to at most {@linkcode MAX_SIDE}. */
async function shown(raster: Raster): Promise<string> {
  const packed = await pack(opaque(raster));
  const small = reduceImage(packed, networkInputSize(packed, MAX_SIDE));
  const bytes = await encode(small, { format: "jpeg", quality: QUALITY });
  return `data:image/jpeg;base64,${bytes.toBase64()}`;
}

/** The raster over white: reducing it would lose its alpha. */
function opaque(raster: Raster): Raster {
  const { data } = raster;
  if (data.every((value, i) => i % 4 < 3 || value === 255)) return raster;
  const shown = new Uint8ClampedArray(data.length).fill(255);
  for (let i = 0; i < data.length; i++) {
    if (i % 4 < 3) shown[i] = overWhite(data[i]!, data[i | 3]!);
  }
  return { ...raster, data: shown };
}

function maskRaster({ mask: { width, height, data } }: MaskResult): Raster {
  const rgba = new Uint8ClampedArray(4 * data.length).fill(255);
  for (let i = 0; i < data.length; i++) {
    rgba.fill(data[i]!, 4 * i, 4 * i + 3);
  }
  return { width, height, data: rgba };
}

function escaped(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 1100px; padding: 1rem; }
section { border-top: 1px solid #8886; padding: 1rem 0; }
h2 { font-size: 1.1rem; overflow-wrap: anywhere; }
.images { display: grid; gap: 1rem; grid-template-columns: 2fr 1fr; align-items: start; }
figure { margin: 0; position: relative; }
img { display: block; width: 100%; }
.after { clip-path: inset(0 0 0 50%); left: 0; position: absolute; top: 0; }
input { width: 100%; }
dl { display: grid; gap: 0 1rem; grid-template-columns: max-content 1fr; }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 600px) { .images { grid-template-columns: 1fr; } }
`;

/** Runs once all is read: what could not be done comes first, then the worst. */
const SCRIPT = `
addEventListener("DOMContentLoaded", () => {
  const sections = [...document.querySelectorAll("section")];
  const weight = ({ dataset }) => Number(dataset.weight ?? Infinity);
  sections.sort((a, b) => weight(b) - weight(a) || 0);
  document.body.append(...sections);
  const count = document.querySelectorAll("section[data-weight]").length;
  const title = count + " photograph" + (count === 1 ? "" : "s");
  document.querySelector("h1").textContent = title;
  document.title = "Limpid: " + title;
  for (const figure of document.querySelectorAll(".compare")) {
    const after = figure.querySelector(".after");
    const range = figure.querySelector("input");
    range.addEventListener("input", () => {
      after.style.clipPath = "inset(0 0 0 " + range.value + "%)";
    });
  }
});
`;

/** HTML needs no end tags: a page that is cut off after any section is whole. */
const HEAD = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Limpid: photographs</title>
<style>${STYLE}</style>
<script>${SCRIPT}</script>
</head>
<body>
<h1>Photographs</h1>
`;
