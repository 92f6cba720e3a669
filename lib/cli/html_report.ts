/** `--report FILE.html`: a single page with photographs before and after. */
import { decode, encode } from "../codecs/mod.ts";
import type { LimpidError } from "../errors.ts";
import { pack } from "../pixels/planes.ts";
import { networkInputSize, reduceImage } from "../pixels/reduce.ts";
import type { MaskResult, Raster, RestoreResult } from "../types.ts";
import { percent } from "./report.ts";

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

/** One photograph on the page: its HTML, since a result holds the image. */
interface Entry {
  readonly html: string;
  /** By how much it is damaged. */
  readonly weight: number;
}

/** A photograph that could not be done, and why. */
interface Failure {
  readonly input: string;
  readonly message: string;
}

/** Collects photographs and makes the page. */
export class HtmlReport {
  readonly #entries: Entry[] = [];
  readonly #failures: Failure[] = [];

  /** @param file The input's bytes. */
  async add(
    input: string,
    output: string,
    file: Uint8Array,
    result: RestoreResult,
  ): Promise<void> {
    const { width, height } = result;
    const limits = { maxPixels: width * height, maxBytes: file.length };
    const { raster } = await decode(file, limits, () => {});
    this.#entries.push({
      html: section({
        input,
        output,
        result,
        before: await shown(raster),
        after: await shown(result.pixels),
        mask: await shown(maskRaster(result)),
      }),
      weight: result.coverage * result.severity,
    });
  }

  /** Adds a photograph that could not be done. */
  fail(input: string, { message }: LimpidError): void {
    this.#failures.push({ input, message });
  }

  /** The page, the worst photographs first. */
  page(): string {
    const entries = this.#entries.toSorted((a, b) => b.weight - a.weight);
    const title = `${entries.length} photograph${
      entries.length === 1 ? "" : "s"
    }`;
    return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Limpid: ${title}</title>
<style>${STYLE}</style>
<h1>${title}</h1>
${failures(this.#failures)}
${entries.map(({ html }) => html).join("\n")}
<script>${SCRIPT}</script>
</html>
`;
  }
}

function failures(all: readonly Failure[]): string {
  if (all.length === 0) return "";
  const items = all.map(({ input, message }) =>
    `<li>${escaped(input)}: ${escaped(message)}</li>`
  );
  return `<section>
<h2>Could not be done</h2>
<ul>${items.join("")}</ul>
</section>`;
}

function section(
  { input, output, result, before, after, mask }: Shown,
): string {
  const found = result.tasks.length === 0
    ? `No damage found (${percent(result.confidence)} sure)`
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
  return `<section>
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
</section>`;
}

/** A data URL of an image, reduced to at most {@linkcode MAX_SIDE}. */
async function shown(raster: Raster): Promise<string> {
  const packed = await pack(raster);
  const small = reduceImage(packed, networkInputSize(packed, MAX_SIDE));
  const bytes = await encode(small, { format: "jpeg", quality: QUALITY });
  return `data:image/jpeg;base64,${bytes.toBase64()}`;
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

const SCRIPT = `
for (const figure of document.querySelectorAll(".compare")) {
  const after = figure.querySelector(".after");
  const range = figure.querySelector("input");
  range.addEventListener("input", () => {
    after.style.clipPath = "inset(0 0 0 " + range.value + "%)";
  });
}
`;
