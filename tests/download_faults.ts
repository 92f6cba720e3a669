/** What a network can do to a download, and what must come of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openStore } from "../lib/models/store.ts";
import {
  after,
  corrupt,
  cut,
  elsewhere,
  type Fault,
  FaultProxy,
  gzip,
  hangUp,
  lie,
  redirect,
  stall,
  status,
  swapped,
  tooMuch,
  truncate,
  whole,
} from "./fault_proxy.ts";
import { randomBytes, sha256 } from "./model_files.ts";

/** A server with a store of the one model `big`, which can be replaced. */
export interface Origin {
  readonly origin: string;
  /** Where the store lies, with slashes around it. */
  readonly folder: string;
  replace(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** An error: its code and what its sentence says. */
type Failure = readonly [code: string, message: RegExp];

interface Case {
  readonly name: string;
  /** What befalls the model's requests, first to last. */
  readonly faults: readonly Fault[];
  /** Absent: the right bytes come. */
  readonly failure?: Failure;
  /** Requests for the model: their Range, or `whole`. Absent: any. */
  readonly asked?: readonly string[];
}

const MOST_TRIES = 4;

/** Takes a model through every fault, with a cache and without. */
export async function runFaults(
  t: Deno.TestContext,
  { origin, folder, replace }: Origin,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  await using proxy = new FaultProxy(origin, "big");
  const location = proxy.origin + folder;
  const last = bytes.length - 1;
  const from = (first: number): string => `bytes=${first}-${last}`;
  const other = randomBytes(bytes.length);
  const changed = (): Promise<void> => replace(other);
  const restored = (): Promise<void> => replace(bytes);
  const again = (fault: Fault): Fault[] => Array(MOST_TRIES).fill(fault);
  const cases: Case[] = [
    { name: "nothing", faults: [], asked: ["whole"] },
    {
      name: "cut twice",
      faults: [cut(300_000), cut(200_000)],
      asked: ["whole", from(300_000), from(500_000)],
    },
    {
      name: "cut more often than it is tried, with something new each time",
      faults: Array(2 * MOST_TRIES).fill(cut(100_000)),
    },
    {
      name: "stalls",
      faults: [stall(300_000)],
      asked: ["whole", from(300_000)],
    },
    {
      name: "stalls always",
      faults: again(stall(0)),
      failure: [
        "model-missing",
        /big\S* cannot be fetched: the server sent nothing for 0\.3 s; /,
      ],
    },
    {
      name: "ends early without a length",
      faults: [truncate(400_000)],
      asked: ["whole", from(400_000)],
    },
    {
      name: "ends early always",
      faults: [truncate(400_000), ...again(truncate(0))],
      failure: ["model-missing", /it ended after 400000 of 1000000 bytes/],
    },
    {
      name: "one byte is another",
      faults: [corrupt(777_777)],
      asked: ["whole"],
      failure: [
        "model-corrupt",
        new RegExp(
          `big at \\S+ has the sha256 [0-9a-f]{64}, its manifest says ${
            sha256(bytes)
          }`,
        ),
      ],
    },
    {
      name: "one byte of the rest is another",
      faults: [cut(300_000), corrupt(5)],
      failure: ["model-corrupt", /has the sha256/],
    },
    {
      name: "200 to a Range",
      faults: [cut(300_000), whole],
      asked: ["whole", from(300_000), "whole"],
    },
    {
      name: "206 of another place",
      faults: [cut(300_000), elsewhere],
      asked: ["whole", from(300_000), "whole"],
    },
    {
      name: "206 that lies about its place",
      faults: [cut(300_000), swapped],
      failure: ["model-corrupt", /has the sha256/],
    },
    {
      name: "the object changes between attempts",
      faults: [cut(300_000), after(changed)],
      failure: ["model-corrupt", /has the sha256/],
      asked: ["whole", from(300_000), "whole"],
    },
    {
      name: "the object changes, and changes back",
      faults: [cut(300_000), after(changed), after(restored)],
      asked: ["whole", from(300_000), "whole"],
    },
    { name: "gzip", faults: [gzip], asked: ["whole"] },
    { name: "gzip of the rest", faults: [cut(300_000), gzip] },
    {
      name: "says less than it sends",
      faults: [lie((n) => n - 1)],
      failure: ["model-corrupt", /has 999999 bytes, its manifest says 1000000/],
    },
    {
      name: "says more than it sends",
      faults: [lie((n) => n + 1)],
      failure: [
        "model-corrupt",
        /has 1000001 bytes, its manifest says 1000000/,
      ],
    },
    {
      name: "sends more than there is",
      faults: [tooMuch],
      failure: ["model-corrupt", /has more than 1000000 bytes/],
    },
    { name: "redirects to the server", faults: [redirect(origin)] },
    {
      name: "redirects for ever",
      faults: Array(20).fill(redirect()),
      failure: ["model-missing", /the server redirects more than 5 times/],
      asked: Array(6).fill("whole"),
    },
    {
      name: "redirects to a file",
      faults: [redirect("file:///etc/passwd?")],
      failure: ["model-missing", /leads to an address that is not https:/],
    },
    {
      name: "hangs up, is busy, too busy, late, out of order",
      faults: [
        hangUp,
        status(503),
        cut(1000),
        status(429, "retry-after: 0\r\n"),
        status(408),
        status(500),
      ],
      asked: ["whole", "whole", "whole", ...Array(4).fill(from(1000))],
    },
    {
      name: "is busy always",
      faults: again(status(503, "", "<Error><Code>SlowDown</Code></Error>")),
      failure: [
        "model-missing",
        /answered 503 Service Unavailable \(SlowDown\); check the network, or try again/,
      ],
      asked: Array(MOST_TRIES).fill("whole"),
    },
    ...[401, 403, 404, 410].map((code): Case => ({
      name: `${code} is final`,
      faults: [status(code)],
      failure: [
        "model-missing",
        new RegExp(`the server answered ${code} \\S.*; .*check the location`),
      ],
      asked: ["whole"],
    })),
  ];

  for (const { name, faults, failure, asked } of cases) {
    await t.step(name, async () => {
      for (const kept of [true, false]) {
        const cache = await Deno.makeTempDir();
        try {
          await restored();
          proxy.asked = [];
          proxy.faults = [...faults];
          const options = {
            cache: kept ? cache : null,
            // Short only where nothing comes: a busy machine is slow too.
            retryPolicy: {
              baseDelayMs: 1,
              idleTimeoutMs: name.startsWith("stalls") ? 300 : 10_000,
              maxAttempts: MOST_TRIES,
            },
          };
          using store = await openStore(location, options);
          const names = (): string[] =>
            [...Deno.readDirSync(cache)].map(({ name }) => name)
              .filter((name) => !name.endsWith("manifest.json")).sort();
          if (failure === undefined) {
            assert.deepEqual(await store.get("big"), bytes);
            assert.deepEqual(names(), kept ? [sha256(bytes)] : []);
          } else {
            const [code, message] = failure;
            await assert.rejects(store.get("big"), { code, message });
            const part = `${sha256(bytes)}.part`;
            const left = names();
            if (code === "model-corrupt") assert.deepEqual(left, []);
            else assert.ok(left.every((n) => n.startsWith(part)), left.join());
            // Nothing that was left does harm.
            proxy.faults = [];
            await restored();
            // One that came damaged is not fetched again at once.
            using later = code === "model-corrupt"
              ? await openStore(location, options)
              : null;
            assert.deepEqual(await (later ?? store).get("big"), bytes);
            if (kept) {
              assert.deepEqual(
                await Deno.readFile(join(cache, sha256(bytes))),
                bytes,
              );
            }
          }
          if (asked !== undefined) {
            assert.deepEqual(proxy.asked.slice(0, asked.length), asked);
          }
        } finally {
          await Deno.remove(cache, { recursive: true });
        }
      }
    });
  }
}
