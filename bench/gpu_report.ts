/**
 * Everything that is to be measured where a GPU is at hand, by one command:
 * `deno task bench-gpu`. It prints Markdown, and goes on where a part fails.
 */
import { fileURLToPath } from "node:url";
import { writeText } from "../lib/flags/terminal.ts";

/** What is run: a heading, and the arguments of Deno. */
type Part = readonly [heading: string, args: readonly string[]];

const bench = (...args: readonly string[]): readonly string[] => [
  "-P=bench",
  "bench/main.ts",
  ...args,
];
const gpu = ["--device", "webgpu"];

/** As much as a software renderer can do: whether all parts run. */
const quick = Deno.args.includes("--quick");
const less = quick ? ["--runs", "1"] : [];
const [tile, images, many] = quick
  ? ["0.0041", "0.0041", "0.0041"]
  : ["0.26", "0.26,2,12", "2"];

const sizes = quick ? ["small"] : ["small", "large"];

const PARTS: readonly Part[] = [
  ["The machine", ["-P=cli", "cli.ts", "doctor"]],
  ...sizes.flatMap((size): Part[] => [
    [
      `One run of each network, ${size}`,
      bench("--profile", "--sizes", tile, "--model-size", size, ...less),
    ],
    [
      `Tiles one by one and together, ${size}`,
      bench("--batch", "4", "--sizes", tile, "--model-size", size, ...less),
    ],
    [
      `restore() beside the bare runtime and PyTorch, ${size}`,
      bench(
        ...gpu,
        ...["--sizes", images, "--model-size", size, ...less],
        ...["--baselines", "bare,pytorch"],
      ),
    ],
    [
      `Images a second, ${size}`,
      bench(
        "--throughput",
        ...gpu,
        "--sizes",
        many,
        "--model-size",
        size,
        ...less,
      ),
    ],
  ]),
];

/** Processes that use the GPU and end. */
const ENDS = quick ? 2 : 10;
const IMAGE = "examples/rain.png";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Runs Deno in the repository; what it prints, and how it ended. */
async function run(
  args: readonly string[],
): Promise<{ text: string; code: number }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", ...args],
    cwd: root,
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  const complaint = code === 0 ? "" : decoder.decode(stderr);
  return { text: decoder.decode(stdout) + complaint, code };
}

for (const [heading, args] of PARTS) {
  const { text, code } = await run(args);
  const ended = code === 0 ? "" : `It ended with code ${code}.\n\n`;
  writeText(Deno.stdout, `## ${heading}\n\n${ended}${text.trim()}\n\n`);
}

const out = await Deno.makeTempDir();
const codes: number[] = [];
for (let i = 0; i < ENDS; i++) {
  const { code } = await run([
    ...["-P=cli", "cli.ts", "restore", IMAGE, "--device", "webgpu"],
    ...["--task", "rain", "--quiet", "--overwrite", "-o", `${out}/out.jpg`],
  ]);
  codes.push(code);
}
await Deno.remove(out, { recursive: true });
writeText(
  Deno.stdout,
  `## How processes end\n\nExit codes of ${ENDS}: ${codes.join(", ")}\n`,
);
Deno.exit(codes.every((code) => code === 0) ? 0 : 1);
