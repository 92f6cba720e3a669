import assert from "node:assert/strict";
import { join } from "node:path";
import { LimpidError } from "../errors.ts";
import type { Inputs } from "./inputs.ts";
import { FolderWatch } from "./watch_folder.ts";

Deno.test("FolderWatch: what is done is left until it changes, and a fault that passes ends nothing", async () => {
  const folder = await Deno.makeTempDir();
  const [old, fresh] = ["old.png", "fresh.png"].map((n) => join(folder, n));
  const never = new AbortController().signal;
  try {
    for (const path of [old!, fresh!]) await Deno.writeTextFile(path, "a");
    let faults = 2;
    const watch = new FolderWatch(() => {
      if (faults-- > 0) {
        throw new LimpidError("unreadable", "The folder cannot be listed.");
      }
      return Promise.resolve({
        paths: [old!, fresh!],
        folder: true,
        skipped: [],
      });
    }, [old!]);
    const fault = await watch.next(never);
    assert.ok(fault instanceof LimpidError);
    // Told once, though it was there twice.
    assert.deepEqual(await watch.next(never), [fresh]);
    assert.equal(faults < 0, true);
    await Deno.writeTextFile(old!, "another");
    assert.deepEqual(await watch.next(never), [old]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("FolderWatch: a file that still grows is left until all of it is there", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "photo.png");
  try {
    const rest = ["a", "b", "c"];
    const watch = new FolderWatch(async () => {
      const piece = rest.shift() ?? "";
      await Deno.writeTextFile(file, piece, { append: true });
      return { paths: [file], folder: true, skipped: [] };
    }, []);
    const found = await watch.next(new AbortController().signal);
    assert.deepEqual(found, [file]);
    assert.equal(await Deno.readTextFile(file), "abc");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("FolderWatch: an image that failed for a full disk is given again, one that is spoiled is not", async () => {
  const folder = await Deno.makeTempDir();
  const [a, b] = ["a.png", "b.png"].map((name) => join(folder, name));
  const never = new AbortController().signal;
  try {
    for (const path of [a!, b!]) await Deno.writeTextFile(path, "a");
    const paths = [a!, b!];
    const find = (): Promise<Inputs> =>
      Promise.resolve({ paths, folder: true, skipped: [] });
    const watch = new FolderWatch(find, [], 0);
    const full = new LimpidError("unwritable", "The disk is full.");
    const spoiled = new LimpidError("corrupt-image", "It is torn.");
    assert.deepEqual(await watch.next(never), [a, b]);
    // It is told once of each file.
    assert.equal(watch.failed(a!, full), false);
    assert.equal(watch.failed(b!, spoiled), false);
    assert.deepEqual(await watch.next(never), [a]);
    assert.equal(watch.failed(a!, full), true);
    await Deno.writeTextFile(a!, "another");
    assert.deepEqual(await watch.next(never), [a]);
    assert.equal(watch.failed(a!, full), false);
    assert.deepEqual(await watch.next(never), [a]);
    // Done now, it is not given again.
    await Deno.writeTextFile(b!, "another");
    assert.deepEqual(await watch.next(never), [b]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("FolderWatch: what fails for ever is given again more and more seldom", async () => {
  const file = await Deno.makeTempFile();
  const { now } = performance;
  let clock = 0;
  performance.now = () => clock;
  try {
    const found = { paths: [file], folder: true, skipped: [] };
    const watch = new FolderWatch(() => Promise.resolve(found), [], 1000);
    const slow = new LimpidError("codec-failed", "It took too long.");
    const looks = (ms: number): Promise<readonly string[] | LimpidError> =>
      watch.next(AbortSignal.timeout(ms));
    const never = new AbortController().signal;
    assert.deepEqual(await watch.next(never), [file]);
    assert.equal(watch.failed(file, slow), false);
    for (const wait of [1000, 2000, 4000]) {
      clock += wait - 1;
      assert.deepEqual(await looks(2500), []);
      clock += 1;
      assert.deepEqual(await watch.next(never), [file]);
      assert.equal(watch.failed(file, slow), true);
    }
    // Another fault of it is new.
    const full = new LimpidError("unwritable", "The disk is full.");
    assert.equal(watch.failed(file, full), false);
    clock += 1000;
    assert.deepEqual(await watch.next(never), [file]);
  } finally {
    performance.now = now;
    await Deno.remove(file);
  }
});
