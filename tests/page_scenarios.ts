/**
 * What people do with the page, in a real browser. A program of its own:
 * playwright-core asks for all permissions, the tests have fewer.
 *
 * Arguments: the page's address, the name of a scenario, chromium's path.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import {
  type Browser,
  chromium,
  type Page,
  type Route,
} from "./deps_browser.ts";
import { decode } from "../lib/codecs/decode.ts";
import { encode } from "../lib/codecs/encode.ts";
import { cleanPhoto, photo, photoWithBadText, TOKEN } from "./scene.ts";

type Screen = NonNullable<Parameters<Browser["newContext"]>[0]>;

/** Where pictures of the page are left for people, if anywhere. */
const PICTURES = Deno.env.get("LIMPID_SCREENSHOTS");

const DESKTOP: Screen = {
  viewport: { width: 1200, height: 900 },
  colorScheme: "light",
};
const PHONE: Screen = {
  viewport: { width: 360, height: 740 },
  colorScheme: "dark",
  hasTouch: true,
  isMobile: true,
};

/** Puts a file into the page. */
async function choose(page: Page, content: Uint8Array): Promise<void> {
  await page.locator("#file").setInputFiles({
    name: "street.png",
    mimeType: "image/png",
    buffer: Buffer.from(content),
  });
}

/** Chooses the photograph and waits for the result. */
async function restore(page: Page): Promise<void> {
  await choose(page, photo);
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("heading", { name: "Result" }).waitFor();
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  const path = join(PICTURES, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
}

async function use(page: Page, name: string, screen: Screen): Promise<void> {
  // What the browser kept must still do.
  await page.reload();
  await picture(page, `${name}, empty`);
  assert.equal(
    await page.getByRole("button", { name: "Restore" }).isDisabled(),
    true,
  );
  await restore(page);
  const facts = await page.locator("#facts").innerText();
  assert.match(facts, /Spoiled by\s+rain/);
  assert.match(facts, /Covered\s+50 %/);
  assert.match(facts, /50 % of pixels/);

  // Before on the left, after on the right, where the line stands.
  const slider = page.getByRole("slider", { name: "Before and after" });
  await slider.focus();
  await page.keyboard.press("End");
  assert.equal(await slider.inputValue(), "100");
  // A pen above the picture that goes away leaves the line.
  await page.locator("#compare").dispatchEvent("pointercancel", {
    pointerId: 77,
    pointerType: "pen",
    isPrimary: true,
  });
  assert.equal(await slider.inputValue(), "100");
  await page.keyboard.press("Home");
  assert.equal(await slider.getAttribute("aria-valuetext"), "0 % before");
  const clip = await page.locator("#before").evaluate((e: unknown) =>
    // deno-lint-ignore no-explicit-any -- runs in the browser
    (globalThis as any).getComputedStyle(e).clipPath
  );
  assert.match(clip, /100%/);
  const box = (await page.locator("#compare").boundingBox())!;
  await page.mouse.click(box.x + box.width / 4, box.y + box.height / 2);
  assert.equal(Math.round(Number(await slider.inputValue()) / 5), 5);

  // The line follows the mouse however far it goes; the picture is not dragged.
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width / 4, y);
  await page.mouse.down();
  for (let step = 1; step <= 10; step++) {
    await page.mouse.move(box.x + box.width * (0.25 + step / 20), y);
  }
  await page.mouse.up();
  assert.equal(Math.round(Number(await slider.inputValue()) / 5), 15);
  // Let go, it stays.
  await page.mouse.move(box.x + box.width / 2, y);
  assert.equal(Math.round(Number(await slider.inputValue()) / 5), 15);

  await page.getByLabel("Show where it is damaged").check();
  // The damaged half is coloured, the other one is not.
  const heat = await page.locator("#heat").evaluate((c: unknown) => {
    // deno-lint-ignore no-explicit-any -- runs in the browser
    const canvas = c as any;
    const context = canvas.getContext("2d");
    return [8, 56].map((x) => context.getImageData(x, 8, 1, 1).data[3]);
  });
  assert.deepEqual(heat, [230, 0]);
  // That of a large photograph fits into the memory of a phone.
  assert.deepEqual(
    await page.evaluate(`(async () => {
      const { drawHeat } = await import("/page/heat.js");
      const mask = new OffscreenCanvas(6000, 3);
      mask.getContext("2d").fillRect(0, 0, 6000, 3);
      const canvas = document.createElement("canvas");
      await drawHeat(canvas, await mask.convertToBlob());
      return [canvas.width, canvas.height];
    })()`),
    [2048, 1],
  );

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download", exact: true }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "street-restored.png");
  const width = await page.evaluate(
    "document.documentElement.scrollWidth",
  );
  assert.ok(Number(width) <= screen.viewport!.width, `${width} wide`);
  await slider.fill("50");
  await picture(page, `${name}, result`);
}

/**
 * Answers the first request to an address in the service's place. A route that
 * is taken away switches interception off, which at times loses a request of
 * the page (microsoft/playwright#41802).
 */
async function answerOnce(
  page: Page,
  address: string,
  answer: (route: Route) => Promise<void>,
): Promise<void> {
  let isAnswered = false;
  await page.route(address, (route) => {
    if (isAnswered) return route.fallback();
    isAnswered = true;
    return answer(route);
  });
}

async function useKeyboard(page: Page): Promise<void> {
  await choose(page, photo);
  const path: string[] = [];
  for (let i = 0; i < 4; i++) {
    await page.keyboard.press("Tab");
    path.push(
      String(
        await page.evaluate(
          "document.activeElement.id || document.activeElement.name",
        ),
      ),
    );
  }
  assert.deepEqual(path, ["file", "task", "strength", "start"]);
  // While it works, Stop is the next one; after an error the focus is where it was.
  const focused = "document.activeElement.id";
  const held = Promise.withResolvers<void>();
  await answerOnce(page, "**/restore?*", async (route) => {
    await held.promise;
    await route.fulfill({ status: 503, json: { detail: "Too much to do." } });
  });
  await page.keyboard.press("Enter");
  await page.locator("#working").waitFor();
  assert.equal(await page.evaluate(focused), "start");
  // Screen readers may hide what is busy, and Stop with it.
  assert.equal(await page.locator("[aria-busy=true] #stop").count(), 0);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(focused), "stop");
  await page.keyboard.press("Shift+Tab");
  held.resolve();
  await page.getByRole("alert").filter({ hasText: "Too much" }).waitFor();
  assert.equal(await page.evaluate(focused), "start");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Result" }).waitFor();
  // Focus goes to what is new.
  assert.equal(
    await page.evaluate("document.activeElement.id"),
    "result-title",
  );
  const nameless = await page.evaluate(`
        [...document.querySelectorAll("input, button, a, select")]
          .filter((e) => !(e.labels?.length || e.textContent.trim()))
          .map((e) => e.id)
      `);
  assert.deepEqual(nameless, []);
  const images = await page.evaluate(
    `[...document.images].every((i) => i.alt !== "")`,
  );
  assert.equal(images, true);
}

async function goWrong(page: Page): Promise<void> {
  const inline = await page.evaluate(
    `[...document.scripts].filter((s) => !s.src).length +
          document.querySelectorAll("style, [style]:not(#compare), [onclick]").length`,
  );
  assert.equal(inline, 0);

  // Of several photographs one is enough to learn that a token is missing.
  await page.locator("#file").setInputFiles(
    ["first.png", "second.png"].map((name) => ({
      name,
      mimeType: "image/png",
      buffer: Buffer.from(photo),
    })),
  );
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("status").filter({ hasText: "1 failed, 1 not done" })
    .waitFor();
  await choose(page, new TextEncoder().encode("no picture"));
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("alert").filter({ hasText: "token" }).waitFor();
  await page.getByLabel("Access token").fill(TOKEN);
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("alert").filter({ hasText: "not an image" })
    .waitFor();
  await picture(page, "error");
  await restore(page);
  assert.equal(await page.getByRole("alert").innerText(), "");
}

/** A result is shown only with the photograph that it came of. */
async function chooseAnother(page: Page): Promise<void> {
  const result = page.locator("#result");
  const status = page.locator("#status");
  await restore(page);
  await choose(page, cleanPhoto);
  assert.equal(await result.isVisible(), false);
  assert.equal(await status.innerText(), "");

  await restore(page);
  await answerOnce(page, "**/restore?*", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: JSON.stringify({ detail: "Too much to do." }),
    }));
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("alert").filter({ hasText: "Too much" }).waitFor();
  // What there was of the photograph is not lost.
  assert.equal(await result.isVisible(), true);
  await picture(page, "error after a result");
  // Networks that ask to log in answer in place of the service.
  for (const kind of ["text/html", "application/x-www-form-urlencoded"]) {
    await answerOnce(
      page,
      "**/restore?*",
      (route) => route.fulfill({ contentType: kind, body: "Log in." }),
    );
    await choose(page, photo);
    await page.getByRole("button", { name: "Restore" }).click();
    await page.getByRole("alert").filter({ hasText: "not arrive whole" })
      .waitFor();
  }

  await page.evaluate(`document.dispatchEvent(new ClipboardEvent("paste", {
    clipboardData: new DataTransfer(),
  }))`);
  await page.getByRole("alert").filter({ hasText: "no photograph" }).waitFor();
  // One that is pasted is told to those who do not see it.
  await page.evaluate(`{
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(["no image"], "pasted.png"));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
  }`);
  await page.locator("[aria-live=polite]").filter({ hasText: "pasted.png" })
    .waitFor();

  // One that is chosen while another is restored: that other one is given up.
  const held = Promise.withResolvers<void>();
  await answerOnce(page, "**/restore?*", async (route) => {
    await held.promise;
    // It may be gone.
    await route.continue().catch(() => {});
  });
  const asked = page.waitForRequest("**/restore?*");
  await choose(page, photo);
  await page.getByRole("button", { name: "Restore" }).click();
  await asked;
  await choose(page, cleanPhoto);
  held.resolve();
  await page.getByRole("button", { name: "Stop" }).waitFor({ state: "hidden" });
  assert.equal(await result.isVisible(), false);
  assert.equal(await page.getByRole("alert").innerText(), "");
  assert.equal(await status.innerText(), "");
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("heading", { name: "Result" }).waitFor();
  assert.match(await page.locator("#facts").innerText(), /nothing found/);
}

/** The stages of the work are shown as the service tells them, and go with it. */
async function useProgress(page: Page, name: string): Promise<void> {
  const held = Promise.withResolvers<void>();
  await page.route("**/restore?*", async (route) => {
    await held.promise;
    await route.continue();
  });
  let now = { stage: "mask", done: 2, total: 12, fraction: 0.2 };
  const ids = new Set<string>();
  await page.route("**/progress/*", (route) => {
    ids.add(new URL(route.request().url()).pathname);
    return route.fulfill({ json: now });
  });
  const asked = page.waitForRequest("**/restore?*");
  await choose(page, photo);
  await page.getByText("More settings").click();
  await page.getByLabel("Models").selectOption("small");
  await page.getByLabel(/16 bits/).check();
  await page.getByRole("button", { name: "Restore" }).click();
  const request = await asked;
  const query = new URL(request.url()).searchParams;
  assert.deepEqual([query.get("size"), query.get("depth")], ["small", "16"]);
  const sent = request.headers()["x-request-id"]!;
  const stage = page.locator("#stage"), bar = page.getByRole("progressbar");
  const status = page.getByRole("status");
  await stage.filter({ hasText: "Finding damage, tile 3 of 12" }).waitFor();
  const before = Number(await bar.getAttribute("value"));
  await status.filter({ hasText: "Finding damage" }).waitFor();
  now = { stage: "restore", done: 4, total: 9, fraction: 0.6 };
  await stage.filter({ hasText: "Restoring, tile 5 of 9" }).waitFor();
  assert.ok(Number(await bar.getAttribute("value")) > before);
  assert.match(await bar.getAttribute("aria-labelledby") ?? "", /stage/);
  assert.deepEqual([...ids], [`/progress/${sent}`]);
  await picture(page, `${name}, working`);
  // Who leaves meanwhile is asked, and may stay.
  const asking = page.waitForEvent("dialog");
  const click = page.getByRole("link", { name: "API" }).click();
  const dialog = await asking;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  await click;
  held.resolve();
  await page.getByRole("heading", { name: "Result" }).waitFor();
  assert.equal(await stage.isVisible(), false);
  assert.equal(await bar.isVisible(), false);
}

/** The API, for people: shown by our own service alone, and tried. */
async function readApi(page: Page, name: string): Promise<void> {
  const foreign: string[] = [];
  const { origin } = new URL(page.url());
  page.on("request", (request) => {
    const { protocol, origin: to } = new URL(request.url());
    if (/^http/.test(protocol) && to !== origin) foreign.push(request.url());
  });
  await page.getByRole("link", { name: "API" }).click();
  await page.reload();
  await page.getByText("Restore a photograph where it is damaged.").click();
  await page.getByText("Confidence, 0 to 1, that auto needs").waitFor();
  await picture(page, `${name}, api`);
  await page.getByText("Whether the process answers.").click();
  // Others may be open: theirs are not meant.
  const health = page.locator(".opblock").filter({ hasText: "/livez" });
  await health.getByRole("button", { name: "Try it out" }).click();
  await health.getByRole("button", { name: "Execute" }).click();
  await health.getByText('"live": true').first().waitFor();
  const width = await page.evaluate("document.documentElement.scrollWidth");
  assert.ok(Number(width) <= page.viewportSize()!.width, `${width} wide`);
  assert.deepEqual(foreign, []);
}

/** Several photographs are restored in turn; a sample is there for who has none. */
async function useSeveral(page: Page): Promise<void> {
  const file = (name: string, content: Uint8Array) => ({
    name,
    mimeType: "image/png",
    buffer: Buffer.from(content),
  });
  await page.locator("#file").setInputFiles([
    file("wet.png", photo),
    file("dry.png", cleanPhoto),
    file("none.png", new TextEncoder().encode("no image")),
  ]);
  let requests = 0;
  await page.route(
    "**/restore?*",
    (route) =>
      ++requests > 1 ? route.continue() : route.fulfill({
        status: 429,
        headers: { "retry-after": "1" },
        json: {
          type: "urn:limpid:problem:busy",
          detail: "All places are taken.",
        },
      }),
  );
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("status").filter({ hasText: "2 done, 1 failed" })
    .waitFor();
  // What is busy is asked again.
  assert.equal(requests, 4);
  const downloads: string[] = [];
  page.on("download", (one) => downloads.push(one.suggestedFilename()));
  await page.getByRole("button", { name: "Download all" }).click();
  while (downloads.length < 2) await page.waitForTimeout(50);
  assert.deepEqual(downloads, ["wet-restored.png", "dry-restored.png"]);
  // What is done is not done again.
  await Promise.all([
    page.waitForResponse("**/restore?*"),
    page.getByRole("button", { name: "Restore" }).click(),
  ]);
  await page.getByRole("button", { name: "none.png failed" }).waitFor();
  assert.equal(requests, 5);
  const verdict = page.locator("#verdict");
  // The first result stays where others come after it.
  assert.equal(await verdict.innerText(), "Restored: rain.");
  assert.equal(await page.getByRole("alert").innerText(), "");
  await page.getByRole("button", { name: "none.png failed" }).click();
  assert.match(await page.getByRole("alert").innerText(), /not an image/);
  assert.equal(await verdict.isVisible(), false);
  await page.getByRole("button", { name: "dry.png done" }).click();
  // The focus stays at the button: what it shows is said.
  assert.equal(await verdict.getAttribute("aria-live"), "polite");
  assert.match(await verdict.innerText(), /your photograph is unchanged/);
  assert.equal(await page.getByRole("alert").innerText(), "");
  assert.match(
    String(await page.evaluate("document.activeElement.textContent")),
    /done/,
  );
  await picture(page, "several");

  await page.getByRole("button", { name: "raindrops" }).click();
  await page.locator("#chosen").filter({ hasText: "raindrop.jpg" }).waitFor();
  assert.equal(await verdict.isVisible(), false);
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("heading", { name: "Result" }).waitFor();
  assert.equal(
    await page.locator("#download").getAttribute("download"),
    "raindrop-restored.jpg",
  );
}

/** With several photographs on a phone: what is chosen is seen, and the focus stays where people put it. */
async function lookAround(page: Page): Promise<void> {
  const held = Promise.withResolvers<void>();
  await page.route("**/restore?*", async (route) => {
    await held.promise;
    await route.continue();
  });
  await page.locator("#file").setInputFiles(
    [["wet.png", photo], ["dry.png", cleanPhoto], ["none.png", "no image"]]
      .map(([name, content]) => ({
        name: String(name),
        mimeType: "image/png",
        buffer: Buffer.from(content!),
      })),
  );
  await page.getByRole("button", { name: "Restore" }).click();
  await page.locator("#photos button").nth(1).focus();
  held.resolve();
  await page.getByRole("status").filter({ hasText: "2 done, 1 failed" })
    .waitFor();
  assert.match(
    String(await page.evaluate("document.activeElement.innerHTML")),
    /dry\.png/,
  );
  await page.setViewportSize({ width: 320, height: 400 });
  await page.getByText("More settings").click();
  // What fingers aim at; of the checkbox and the radio buttons it is the label.
  const small = await page.evaluate(`
    [...document.querySelectorAll("main :is(button, .button, .pick, select, summary, [type=range], label:has(input))")]
      .filter((e) => e.checkVisibility() && e.offsetHeight < 44)
      .map((e) => e.textContent || e.id)
  `);
  assert.deepEqual(small, []);
  // Which one it is, is told by more than colours, which the system may choose.
  await page.emulateMedia({ forcedColors: "active" });
  const style = (selector: string, name: string) =>
    page.evaluate(
      `getComputedStyle(document.querySelector("${selector}"))["${name}"]`,
    );
  assert.notEqual(
    await style("#photos [aria-current]", "borderTopWidth"),
    await style("#photos button:not([aria-current])", "borderTopWidth"),
  );
  assert.match(String(await style(".scale", "backgroundImage")), /gradient/);
  assert.equal(await style(".tag", "backgroundColor"), "rgba(0, 0, 0, 0.733)");
  await page.emulateMedia({ forcedColors: "none" });
  for (const [name, seen] of [["none", "#error"], ["dry", "#verdict"]]) {
    await page.getByRole("button", { name: `${name}.png` }).tap();
    const { y, height } = (await page.locator(seen!).boundingBox())!;
    assert.ok(y >= 0 && y + height <= 400.5, `${seen} is at ${y}`);
  }
}

/** Fingers on the comparison: one moves the line, or scrolls and leaves the line; two enlarge. */
async function touch(page: Page): Promise<void> {
  await restore(page);
  const picture = page.locator("#compare");
  await picture.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await picture.boundingBox())!;
  const middle = { x: x + width / 2, y: y + height / 2 };
  const devtools = await page.context().newCDPSession(page);
  /** Fingers that move in ten steps, each from a place to another beside the middle. */
  const move = async (...fingers: (readonly [number, number][])[]) => {
    for (let step = 0; step <= 10; step++) {
      await devtools.send("Input.dispatchTouchEvent", {
        type: step === 0 ? "touchStart" : "touchMove",
        touchPoints: fingers.map(([from, to], id) => ({
          id,
          x: middle.x + from![0] + (to![0] - from![0]) * step / 10,
          y: middle.y + from![1] + (to![1] - from![1]) * step / 10,
        })),
      });
    }
    await devtools.send("Input.dispatchTouchEvent", {
      type: "touchEnd",
      touchPoints: [],
    });
    await page.waitForTimeout(300);
  };
  const state = async () =>
    await page.evaluate(
      "[Number(slider.value), scrollY, visualViewport.scale]",
    ) as [number, number, number];

  const [, top] = await state();
  await move([[0, 0], [width / 4, 3]]);
  const [place, ...rest] = await state();
  assert.equal(Math.round(place / 5), 15);
  assert.deepEqual(rest, [top, 1]);
  await move([[-width / 4, 0], [-width / 4, 100]]);
  const [kept, scrolled] = await state();
  assert.ok(scrolled < top, "the page did not scroll");
  assert.equal(kept, place);
  await move([[-20, 0], [-120, 0]], [[20, 0], [120, 0]]);
  const [, , scale] = await state();
  assert.ok(scale > 1.5, `enlarged ${scale} times`);
}

/** What is stopped has not failed; what is wrong with a file is told; settings do not outlive the page. */
async function stopAndReturn(page: Page): Promise<void> {
  const held = Promise.withResolvers<void>();
  let requests = 0;
  await page.route("**/restore?*", async (route) => {
    if (++requests === 2) await held.promise;
    await route.continue().catch(() => {});
  });
  const file = (name: string) => ({
    name,
    mimeType: "image/png",
    buffer: Buffer.from(photoWithBadText),
  });
  await page.locator("#file").setInputFiles([
    file("first.png"),
    file("second.png"),
    file("third.png"),
  ]);
  await page.getByLabel("Strength").fill("0.25");
  await page.locator("#strength-value").filter({ hasText: "25 %" }).waitFor();
  // It is said once: by the slider.
  assert.equal(
    await page.locator("#strength").getAttribute("aria-valuetext"),
    "25 %",
  );
  assert.equal(await page.getByRole("status").count(), 1);
  await page.getByRole("button", { name: "Restore" }).click();
  await page.locator("#stage").filter({ hasText: "Photograph 2 of 3" })
    .waitFor();
  await page.getByRole("button", { name: "Stop" }).press("Enter");
  await page.getByRole("status")
    .filter({ hasText: "1 done, stopped, 2 not done." }).waitFor();
  held.resolve();
  assert.equal(await page.evaluate("document.activeElement.id"), "start");
  assert.equal(await page.getByRole("alert").innerText(), "");
  const warnings = page.getByRole("list", { name: "What was wrong" });
  assert.match(await warnings.innerText(), /checksum/i);

  await page.goto("about:blank");
  await page.goBack();
  await page.locator("#strength-value").waitFor();
  assert.deepEqual(
    await page.evaluate(
      "[document.querySelector('#strength').value, document.querySelector('#strength-value').textContent]",
    ),
    ["1", "100 %"],
  );
}

/** A file that the browser cannot read any more is told apart from a service that is gone. */
async function loseFile(page: Page): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "photo.png");
  try {
    await Deno.writeFile(path, photo);
    await page.locator("#file").setInputFiles(path);
    await Deno.writeFile(path, cleanPhoto);
    await page.getByRole("button", { name: "Restore" }).click();
    await page.getByRole("alert").filter({ hasText: "cannot be read" })
      .waitFor();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Of a format that browsers do not show there is the result alone. */
async function chooseTiff(page: Page): Promise<void> {
  const slider = page.getByRole("slider", { name: "Before and after" });
  const note = page.getByText("This browser cannot show");
  const { raster } = await decode(photo, { maxPixels: 1e6, maxBytes: 1e6 });
  await page.locator("#file").setInputFiles({
    name: "street.tif",
    mimeType: "image/tiff",
    buffer: Buffer.from(await encode(raster, { format: "tiff" })),
  });
  await page.getByRole("button", { name: "Restore" }).click();
  await note.waitFor();
  assert.equal(await slider.isVisible(), false);
  assert.equal(await page.locator("#before").isVisible(), false);
  assert.equal(await page.locator("#after").isVisible(), true);
  await picture(page, "tiff");
  await restore(page);
  await slider.waitFor();
  assert.equal(await note.isVisible(), false);
  assert.equal(await page.locator("#before").isVisible(), true);
}

/** A report, opened from the disk: the worst photograph is first, though it came last. */
async function readReport(page: Page): Promise<void> {
  assert.deepEqual(await page.locator("h2").allInnerTexts(), [
    "none.png",
    "wet.png",
    "dry.png",
  ]);
  assert.equal(await page.title(), "Limpid: 2 photographs");
  const range = page.getByRole("slider").first();
  await range.fill("100");
  const clip = await page.locator(".after").first().evaluate((e: unknown) =>
    // deno-lint-ignore no-explicit-any -- runs in the browser
    (e as any).style.clipPath
  );
  assert.match(clip, /100%/);
}

const SCENARIOS: Readonly<
  Record<string, readonly [Screen, (page: Page) => Promise<void>]>
> = {
  desktop: [DESKTOP, (page) => use(page, "desktop", DESKTOP)],
  phone: [PHONE, (page) => use(page, "phone", PHONE)],
  keyboard: [DESKTOP, useKeyboard],
  errors: [DESKTOP, goWrong],
  another: [DESKTOP, chooseAnother],
  several: [DESKTOP, useSeveral],
  "several on a phone": [PHONE, lookAround],
  touch: [PHONE, touch],
  tiff: [DESKTOP, chooseTiff],
  stop: [DESKTOP, stopAndReturn],
  lost: [DESKTOP, loseFile],
  report: [DESKTOP, readReport],
  api: [DESKTOP, (page) => readApi(page, "desktop")],
  "api on a phone": [PHONE, (page) => readApi(page, "phone")],
  progress: [DESKTOP, (page) => useProgress(page, "desktop")],
  "progress on a phone": [PHONE, (page) => useProgress(page, "phone")],
};

const [origin, name, executablePath] = Deno.args;
const [screen, scenario] = SCENARIOS[name!]!;
const browser = await chromium.launch({
  executablePath: executablePath!,
  // Tests may run as root, where its sandbox does not start.
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await (await browser.newContext(screen)).newPage();
const complaints: string[] = [];
page.on("pageerror", (error) => complaints.push(error.message));
page.on("console", (message) => {
  // Chromium tells of every answer that is an error, expected or not.
  const text = message.text();
  const expected = /status of [45]|ERR_UPLOAD_FILE_CHANGED/.test(text);
  if (message.type() === "error" && !expected) {
    complaints.push(text);
  }
});
await page.goto(origin!);
await scenario(page);
assert.deepEqual(complaints, []);
await browser.close();
Deno.exit(0);
