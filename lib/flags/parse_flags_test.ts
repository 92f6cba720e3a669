import assert from "node:assert/strict";
import {
  choice,
  number,
  numberOr,
  onOff,
  type Parsed,
  parseFlags,
  text,
} from "./parse_flags.ts";
import { NUMBERS } from "../options.ts";
import type { Environment } from "../permissions.ts";

const FLAGS = {
  out: { help: "", value: "OUT", short: "o", parse: text },
  task: { help: "", value: "TASK", parse: choice(["rain", "haze"]) },
  strength: { help: "", value: "S", parse: number },
  "mask-out": { help: "", value: "FILE", parse: text },
  json: { help: "", parse: onOff },
};

function parse(
  argv: readonly string[],
  variables: Record<string, string> = {},
): Parsed<typeof FLAGS> {
  const environment: Environment = (name) => variables[name];
  return parseFlags(FLAGS, argv, environment);
}

Deno.test("flags and inputs come in any order", () => {
  assert.deepEqual(
    parse(["a.png", "-o", "-", "--json", "--strength=0.5", "-", "--", "-x"]),
    {
      values: { out: "-", json: true, strength: 0.5 },
      positionals: ["a.png", "-", "-x"],
    },
  );
});

Deno.test("a flag wins over its variable, an empty variable is none", () => {
  const variables = {
    LIMPID_TASK: "haze",
    LIMPID_MASK_OUT: "m.png",
    LIMPID_JSON: "1",
    LIMPID_OUT: "",
  };
  assert.deepEqual(parse(["--task", "rain", "--no-json"], variables).values, {
    task: "rain",
    "mask-out": "m.png",
    json: false,
  });
});

Deno.test("a variable and a flag do not count as twice, nor does a switch", () => {
  const { values } = parse(["--task", "haze", "--json", "--no-json"], {
    LIMPID_TASK: "rain",
  });
  assert.deepEqual(values, { task: "haze", json: false });
});

Deno.test("what is wrong is named", async (t) => {
  const cases: [string[], RegExp][] = [
    [["--tsak", "rain"], /no flag --tsak \(did you mean --task\?\)/],
    [["--zzzzzz"], /no flag --zzzzzz; --help/],
    [["-x"], /no flag -x/],
    [["--no-task"], /no flag --no-task/],
    [["--constructor"], /no flag --constructor/],
    [["--task", "rian"], /--task .* not "rian" \(did you mean rain\?\)/],
    [["--task"], /--task must be one of/],
    [["-o", "--json"], /-o needs a value/],
    [["--out="], /--out needs a value/],
    [["--json=1"], /--json takes no value/],
    [["--strength", "NaN"], /--strength must be a number, not "NaN"/],
    [["--strength", " "], /--strength must be a number/],
    [["--task", "rain", "--task=haze"], /--task is given twice/],
    [["-o", "a", "--out", "b"], /--out is given twice/],
  ];
  for (const [argv, message] of cases) {
    await t.step(argv.join(" "), () => {
      assert.throws(() => parse(argv), { code: "invalid-option", message });
    });
  }
});

Deno.test("a word may stand beside numbers", () => {
  const parse = numberOr("lossless", NUMBERS.quality);
  assert.equal(parse("lossless", "--quality"), "lossless");
  assert.equal(parse("70", "--quality"), 70);
  for (const wrong of ["best", "", " ", "NaN", "LOSSLESS", "0", "101"]) {
    assert.throws(() => parse(wrong, "--quality"), {
      code: "invalid-option",
      message:
        `--quality must be a number from 1 to 100, or lossless, not "${wrong}".`,
    });
  }
});

Deno.test("a negative number is a value, not a flag", () => {
  assert.equal(parse(["--strength", "-1"]).values.strength, -1);
});

Deno.test("a wrong variable is named as one", () => {
  assert.throws(() => parse([], { LIMPID_JSON: "maybe" }), {
    message: /^LIMPID_JSON must be true or false/,
  });
});

Deno.test("a part of a word means the word, not a shorter one", () => {
  const device = choice(["auto", "webgpu", "cpu", "wasm"]);
  assert.throws(() => device("gpu", "--device"), /did you mean webgpu\?/);
  assert.throws(() => device("GPU", "--device"), /did you mean webgpu\?/);
  assert.throws(() => device("cpuu", "--device"), /did you mean cpu\?/);
});
