/** The page: sends a photograph and shows the result; stores nothing. */
import { drawHeat } from "./heat.js";
import { restore } from "./send.js";
import { factsOf, percent, sentence, STAGES } from "./words.js";

const $ = (id) => document.getElementById(id);
const form = $("form"),
  file = $("file"),
  drop = $("drop"),
  compare = $("compare");

/** The photographs that were chosen, in order: each a file, its thumbnail, its result or error once there is one, and the settings of its result. */
let photos = [];
/** The one on the screen. */
let current = null;
/** The settings of the last run. */
let asked = "";
/** Stops the request that is under way. */
let running = null;
/** Object URLs of the images on the screen. */
let urls = [];

function choose(chosen) {
  const files = [...chosen].filter((one) => one);
  if (files.length === 0) return fail("There is no photograph in it.");
  // Do not wait for results of earlier photographs.
  running?.abort();
  for (const { url } of photos) URL.revokeObjectURL(url);
  photos = files.map((one) => ({
    file: one,
    url: URL.createObjectURL(one),
    result: null,
    made: "",
    error: null,
    shown: true,
  }));
  current = photos[0];
  const [first] = files;
  $("chosen").textContent = files.length === 1
    ? `Chosen: ${first.name || "pasted image"}.`
    : `Chosen: ${files.length} photographs.`;
  $("start").disabled = false;
  fail("");
  say("");
  hideResult();
  listPhotos();
}

/** The chosen photographs as small images, each a button that shows its result. */
function listPhotos() {
  const focused = [...$("photos").querySelectorAll("button")]
    .indexOf(document.activeElement);
  $("photos").replaceChildren(...photos.map((photo) => {
    const item = document.createElement("li"),
      // One alone has nothing to be chosen from.
      button = document.createElement(photos.length > 1 ? "button" : "span"),
      image = document.createElement("img"),
      state = document.createElement("span");
    if (photos.length > 1) {
      button.type = "button";
      button.addEventListener("click", () => {
        display(photo);
        // On a phone it is below the screen.
        if (photo.result) $("verdict").scrollIntoView({ block: "nearest" });
      });
    }
    if (photo === current) button.setAttribute("aria-current", "true");
    image.alt = photo.file.name || "pasted image";
    // Some formats are read here and not by browsers.
    image.addEventListener("error", () => {
      photo.shown = false;
      image.replaceWith(image.alt);
    });
    state.textContent = photo.working
      ? " working …"
      : photo.error
      ? " failed"
      : photo.result
      ? photo.made === asked ? " done" : " done, other settings"
      : "";
    if (photo.shown) image.src = photo.url;
    button.append(photo.shown ? image : image.alt, state);
    item.append(button);
    return item;
  }));
  $("download-all").hidden = photos.filter(isDone).length < 2;
  // They are made anew: the focus stays where it was, and so does the page.
  $("photos").querySelectorAll("button")[focused]
    ?.focus({ preventScroll: true });
}

/** Shows what there is of a photograph. */
function display(photo) {
  current = photo;
  fail(photo.error ?? "");
  if (photo.result) show(photo);
  else hideResult();
  listPhotos();
}

file.addEventListener("change", () => {
  if (file.files.length > 0) choose(file.files);
});
// Otherwise the same file could not be chosen again, changed or not.
file.addEventListener("click", () => file.value = "");
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  choose(event.dataTransfer.files);
});
// A photograph that misses the field must not replace the page.
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => event.preventDefault());
}
document.addEventListener("paste", (event) => {
  const { files } = event.clipboardData;
  // Text may be pasted as the token.
  if (files.length > 0 || event.target !== $("token")) choose(files);
});

$("strength").addEventListener("input", () => {
  const text = percent(Number($("strength").value));
  $("strength-value").textContent = text;
  $("strength").setAttribute("aria-valuetext", text);
});

for (const button of document.querySelectorAll("[data-sample]")) {
  button.addEventListener("click", async () => {
    const name = button.dataset.sample;
    try {
      const answer = await fetch(`page/sample/${name}`);
      if (!answer.ok) throw new Error();
      const blob = await answer.blob();
      choose([new File([blob], name, { type: blob.type })]);
      $("start").focus();
    } catch {
      fail("The sample could not be loaded; try again.");
    }
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (photos.length === 0 || running !== null) return;
  running = new AbortController();
  busy(true);
  const began = performance.now(), from = document.activeElement;
  const wanted = settings();
  asked = JSON.stringify(wanted);
  const left = photos.filter((photo) => !isDone(photo));
  // Where all are done, they are meant to be done again.
  const todo = left.length > 0 ? left : photos, chosen = photos;
  let which = "", doing = "", step = "", wantsToken = false;
  const seconds = () => Math.round((performance.now() - began) / 1000);
  const draw = () =>
    $("stage").textContent = `${which}${doing}${step}, ${seconds()} s …`;
  /** Text and bar of the place where the work stands; screen readers are told of a new stage alone. */
  const stand = ({ stage, done, total, fraction }) => {
    const name = STAGES[stage] ?? "Working";
    const share = total > 0 ? Math.min(1, done / total) : 0;
    step = stage === "download"
      ? `, ${percent(share)}`
      : total > 1
      ? `, tile ${Math.min(done + 1, total)} of ${total}`
      : "";
    $("bar").value = Math.max($("bar").value, 100 * fraction);
    if (name !== doing) {
      doing = name;
      say(`${which}${doing} …`);
    }
    draw();
  };
  const clock = setInterval(() => {
    draw();
    // Once in ten seconds is often enough to be read out.
    if (seconds() % 10 === 0) say(`${which}${doing}, ${seconds()} seconds …`);
  }, 1000);
  addEventListener("beforeunload", stay);
  $("working").hidden = false;
  $("working").scrollIntoView({ block: "nearest" });
  fail("");
  try {
    for (const [index, photo] of todo.entries()) {
      if (todo.length > 1) {
        which = `Photograph ${index + 1} of ${todo.length}: `;
      }
      doing = "";
      $("bar").value = 0;
      stand({ stage: "receive", done: 0, total: 1, fraction: 0 });
      photo.working = true;
      photo.error = null;
      listPhotos();
      let isAway = false;
      try {
        photo.result = await restore(
          photo.file,
          wanted,
          $("token").value,
          running.signal,
          stand,
        );
        photo.made = asked;
      } catch (error) {
        if (error.name !== "AbortError") photo.error = error.message;
        wantsToken ||= error.wantsToken === true;
        isAway = error.isAway === true;
      }
      photo.working = false;
      // Others were chosen meanwhile; there is nothing to tell.
      if (chosen !== photos) return;
      // A result that is being looked at is not taken away.
      if (current !== photo && current.result) listPhotos();
      else {
        display(photo);
        if (photo.result && !photo.error) turnToResult(from);
      }
      // The others would be refused, too, each after it was sent.
      if (running.signal.aborted || isAway || wantsToken) break;
    }
    say(summary(photos, running.signal.aborted));
    if (wantsToken) {
      $("token-row").hidden = false;
      $("token").focus();
    }
  } finally {
    clearInterval(clock);
    removeEventListener("beforeunload", stay);
    $("working").hidden = true;
    running = null;
    busy(false);
  }
});

/** Lets the browser ask whether the page is meant to be left: the work would be lost. */
function stay(event) {
  event.preventDefault();
}

/** Whether a photograph has its result with the settings of the last run. */
function isDone({ result, error, made }) {
  return result !== null && error === null && made === asked;
}

/** What became of the photographs. */
function summary(all, stopped) {
  const failed = all.filter(({ error }) => error !== null).length;
  const done = all.filter(isDone).length;
  const left = all.length - done - failed;
  if (all.length === 1) return stopped ? "Stopped." : done ? "Done." : "";
  if (done === all.length) return "Done.";
  return [
    `${done} done`,
    ...failed > 0 ? [`${failed} failed`] : [],
    ...left > 0 ? [`${stopped ? "stopped, " : ""}${left} not done`] : [],
  ].join(", ") + ".";
}

/** The name of a photograph's result. */
function resultName({ file: { name }, result: { image } }) {
  const stem = (name || "photograph").replace(/\.\w+$/, "");
  return `${stem}-restored.${image.name.split(".").pop()}`;
}

$("download-all").addEventListener("click", async () => {
  for (const photo of photos.filter(isDone)) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(photo.result.image);
    link.download = resultName(photo);
    link.click();
    // Browsers drop what is begun at once.
    await new Promise((resolve) => setTimeout(resolve, 300));
    URL.revokeObjectURL(link.href);
  }
});

/** The parameters that are set on the page. */
function settings() {
  const size = $("size").value;
  return {
    task: new FormData(form).get("task"),
    strength: $("strength").value,
    ...size === "" ? {} : { size },
    ...$("depth").checked ? { depth: "16" } : {},
  };
}

$("stop").addEventListener("click", () => running?.abort());

function show(photo) {
  const { report, image, mask, original } = photo.result;
  for (const url of urls) URL.revokeObjectURL(url);
  urls = [original, image, mask].map((blob) => URL.createObjectURL(blob));
  const [before, after, maskUrl] = urls;
  showBefore(true);
  $("before").src = before;
  $("after").src = after;
  drawHeat($("heat"), mask);
  $("verdict").textContent = sentence(report);
  $("warnings").replaceChildren(...report.warnings.map((warning) => {
    const item = document.createElement("li");
    item.textContent = warning;
    return item;
  }));
  facts(factsOf(report));
  const stem = (original.name || "photograph").replace(/\.\w+$/, "");
  link("download", after, resultName(photo));
  link("download-mask", maskUrl, `${stem}-mask.png`);
  $("result").hidden = false;
  slide(Number($("slider").value));
}

/** Takes to the result whoever has not turned to anything else since the work began. */
function turnToResult(from) {
  const here = document.activeElement;
  if (![from, $("stop"), document.body].includes(here)) return;
  $("result-title").focus({ preventScroll: true });
  $("result").scrollIntoView({ block: "nearest" });
}

/** Browsers show few formats: of a TIFF or HEIC there is the result alone. */
function showBefore(shown) {
  compare.classList.toggle("alone", !shown);
  $("slide").hidden = !shown;
  $("no-before").hidden = shown;
}

$("before").addEventListener("error", () => showBefore(false));

/** Nothing on the screen may be taken for the result of another photograph. */
function hideResult() {
  $("result").hidden = true;
}

function facts(list) {
  $("facts").replaceChildren(
    ...Object.entries(list).map(([name, value]) => {
      const pair = document.createElement("div");
      const term = document.createElement("dt"),
        text = document.createElement("dd");
      term.textContent = name;
      text.textContent = value;
      pair.append(term, text);
      return pair;
    }),
  );
}

function link(id, url, name) {
  $(id).href = url;
  $(id).download = name;
}

$("show-heat").addEventListener("change", () => {
  $("heat").hidden = $("legend").hidden = !$("show-heat").checked;
});
$("slider").addEventListener("input", () => slide(Number($("slider").value)));

/** Before to the left of the place, after to the right; 0 to 100. */
function slide(place) {
  const at = Math.min(100, Math.max(0, place));
  $("slider").value = String(at);
  $("slider").setAttribute("aria-valuetext", `${Math.round(at)} % before`);
  compare.style.setProperty("--at", `${at}%`);
}

/** Where the line was before a finger came. */
let placeBefore = 50;

compare.addEventListener("pointerdown", (event) => {
  // A second finger enlarges.
  if (event.button !== 0 || !event.isPrimary) return;
  // Otherwise the browser drags or selects the image, and the line stops.
  event.preventDefault();
  compare.setPointerCapture(event.pointerId);
  placeBefore = Number($("slider").value);
  // A finger may be about to scroll: the line waits until it moves or lifts.
  if (event.pointerType === "mouse") slideTo(event);
});
for (const name of ["pointermove", "pointerup"]) {
  compare.addEventListener(name, (event) => {
    if (compare.hasPointerCapture(event.pointerId)) slideTo(event);
  });
}
// It scrolls or enlarges after all; the first part of its way was still told here.
compare.addEventListener("pointercancel", ({ pointerId }) => {
  // One that only hovered, as a pen does, has moved nothing.
  if (compare.hasPointerCapture(pointerId)) slide(placeBefore);
});

compare.addEventListener("dragstart", (event) => event.preventDefault());

function slideTo(event) {
  const { left, width } = compare.getBoundingClientRect();
  slide(100 * (event.clientX - left) / width);
}

function busy(on) {
  const wasAtStop = document.activeElement === $("stop");
  // A button that is disabled loses the focus, too.
  $("start").setAttribute("aria-disabled", String(on));
  $("stop").hidden = !on;
  // A button that is hidden loses the focus.
  if (wasAtStop && !on) $("start").focus();
}

/** Says what is wrong, where it is seen on a small screen too; nothing where the text is empty. */
function fail(text) {
  $("error").textContent = text;
  if (text !== "") $("error").scrollIntoView({ block: "nearest" });
}

function say(text) {
  $("status").textContent = text;
}
