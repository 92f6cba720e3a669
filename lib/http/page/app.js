/** The page: sends a photograph and shows the result; stores nothing. */

const $ = (id) => document.getElementById(id);
const form = $("form"),
  file = $("file"),
  drop = $("drop"),
  compare = $("compare");

/** The photographs that were chosen, in order: each a file, its thumbnail, and its result or error once there is one. */
let photos = [];
/** The one on the screen. */
let current = null;
/** Stops the request that is under way. */
let running = null;
/** Object URLs of the images on the screen. */
let urls = [];

const TASKS = {
  rain: "rain",
  raindrop: "raindrops",
  haze: "haze",
  blur: "motion blur",
  clean: "nothing found",
};
/** The colour map "inferno", as of the command line's heat maps. */
const INFERNO = [
  "000004",
  "1e0c45",
  "510e6c",
  "801f6c",
  "b0315b",
  "d94d3d",
  "f47918",
  "fcb014",
  "f2ea69",
  "fcffa4",
];

/** What the service does in each stage. */
const STAGES = {
  receive: "Sending the photograph",
  queue: "Waiting for its turn",
  download: "Fetching a model",
  decode: "Reading the photograph",
  mask: "Finding damage",
  restore: "Restoring",
  encode: "Writing the result",
};

function choose(chosen) {
  const files = [...chosen].filter((one) => one);
  if (files.length === 0) return;
  // Do not wait for results of earlier photographs.
  running?.abort();
  for (const { url } of photos) URL.revokeObjectURL(url);
  photos = files.map((one) => ({
    file: one,
    url: URL.createObjectURL(one),
    result: null,
    error: null,
  }));
  current = photos[0];
  const [first] = files;
  $("chosen").textContent = files.length === 1
    ? `Chosen: ${first.name || "pasted image"}.`
    : `Chosen: ${files.length} photographs.`;
  $("start").disabled = running !== null;
  $("error").textContent = "";
  say("");
  hideResult();
  listPhotos();
}

/** The chosen photographs as small images, each a button that shows its result. */
function listPhotos() {
  $("photos").replaceChildren(...photos.map((photo) => {
    const item = document.createElement("li"),
      // One alone has nothing to be chosen from.
      button = document.createElement(photos.length > 1 ? "button" : "span"),
      image = document.createElement("img"),
      state = document.createElement("span");
    if (photos.length > 1) {
      button.type = "button";
      button.addEventListener("click", () => display(photo));
    }
    if (photo === current) button.setAttribute("aria-current", "true");
    image.src = photo.url;
    image.alt = photo.file.name || "pasted image";
    // Some formats are read here and not by browsers.
    image.addEventListener("error", () => image.hidden = true);
    state.textContent = photo.result
      ? "done"
      : photo.error
      ? `${image.alt}: failed`
      : photo.working
      ? "working …"
      : "";
    button.append(image, state);
    item.append(button);
    return item;
  }));
}

/** Shows what there is of a photograph. */
function display(photo) {
  current = photo;
  $("error").textContent = photo.error ?? "";
  if (photo.result) show(photo.result);
  else hideResult();
  listPhotos();
}

file.addEventListener("change", () => choose(file.files));
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
  choose(
    [...event.clipboardData.files].filter((f) => f.type.startsWith("image/")),
  );
});

$("strength").addEventListener("input", () => {
  $("strength-value").textContent = percent(Number($("strength").value));
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
      $("error").textContent = "The sample could not be loaded; try again.";
    }
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (photos.length === 0 || running !== null) return;
  running = new AbortController();
  busy(true);
  const began = performance.now();
  const asked = photos;
  let which = "", doing = "", step = "";
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
  $("working").hidden = false;
  $("error").textContent = "";
  try {
    for (const [index, photo] of asked.entries()) {
      if (asked.length > 1) {
        which = `Photograph ${index + 1} of ${asked.length}: `;
      }
      doing = "";
      $("bar").value = 0;
      stand({ stage: "receive", done: 0, total: 1, fraction: 0 });
      photo.working = true;
      photo.result = photo.error = null;
      listPhotos();
      try {
        photo.result = await restore(photo.file, running.signal, stand);
      } catch (error) {
        photo.error = error.name === "AbortError" ? "Stopped." : error.message;
      }
      photo.working = false;
      // Others were chosen meanwhile; there is nothing to tell.
      if (asked !== photos) return;
      display(photo);
      if (running.signal.aborted) break;
    }
    const failed = asked.filter(({ error }) => error !== null).length;
    say(
      failed === 0
        ? "Done."
        : asked.length > 1
        ? `${
          asked.filter(({ result }) => result).length
        } done, ${failed} failed.`
        : "",
    );
  } finally {
    clearInterval(clock);
    $("working").hidden = true;
    running = null;
    busy(false);
  }
});

$("stop").addEventListener("click", () => running?.abort());

/** Milliseconds before the service is asked how far it is, and between two such questions at first and at most. */
const FIRST_LOOK = 300, LOOK = 400, LAST_LOOK = 2000;

/** Asks how far a request is, until it is answered. */
async function follow(id, headers, signal, stand) {
  let wait = FIRST_LOOK;
  while (true) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(LAST_LOOK, Math.max(LOOK, 1.1 * wait));
    if (signal.aborted) return;
    try {
      const answer = await fetch(`progress/${id}`, { headers, signal });
      const told = answer.ok ? await answer.json() : null;
      if (told && !signal.aborted) stand(told);
    } catch {
      // The answer itself tells what is wrong.
    }
  }
}

/** A name for a request that nobody else can know; `crypto.randomUUID` is there on https alone. */
function requestId() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Asks the service for a report, the image and its mask. */
async function restore(body, signal, stand) {
  const query = new URLSearchParams({
    task: new FormData(form).get("task"),
    strength: $("strength").value,
    report: "json",
  });
  if ($("size").value !== "") query.set("size", $("size").value);
  if ($("depth").checked) query.set("depth", "16");
  const token = $("token").value;
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const id = requestId();
  const answered = new AbortController();
  follow(id, headers, AbortSignal.any([signal, answered.signal]), stand);
  let answer;
  try {
    answer = await fetch(`restore?${query}`, {
      method: "POST",
      body,
      signal,
      headers: { ...headers, "x-request-id": id },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The service could not be reached; try again.");
  } finally {
    answered.abort();
  }
  if (!answer.ok) {
    if (answer.status === 401) {
      $("token-row").hidden = false;
      $("token").focus();
    }
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.detail ?? `The service answered ${answer.status}.`);
  }
  // Its parts are those of a form, which the browser can read.
  const type = answer.headers.get("content-type").replace("mixed", "form-data");
  const parts = await new Response(await answer.blob(), {
    headers: { "content-type": type },
  }).formData();
  return {
    report: JSON.parse(parts.get("report")),
    image: parts.get("image"),
    mask: parts.get("mask"),
    original: body,
  };
}

function show({ report, image, mask, original }) {
  for (const url of urls) URL.revokeObjectURL(url);
  urls = [original, image, mask].map((blob) => URL.createObjectURL(blob));
  const [before, after, maskUrl] = urls;
  showBefore(true);
  $("before").src = before;
  $("after").src = after;
  drawHeat(mask);
  $("verdict").textContent = sentence(report);
  facts({
    "Spoiled by": namesOf(report.tasks) || TASKS.clean,
    "Restored": namesOf(report.restored) ||
      (report.tasks.length > 0
        ? "nothing: the confidence is too low"
        : "nothing"),
    "How sure": percent(report.confidence),
    "Covered": percent(report.coverage),
    "Severity": percent(report.severity),
    "Kept as they were": `${percent(report.identicalPixels)} of pixels`,
    "Time": `${(report.times.total / 1000).toFixed(1)} s on ${report.device}`,
  });
  const stem = (original.name || "photograph").replace(/\.\w+$/, "");
  link("download", after, `${stem}-restored.${image.name.split(".").pop()}`);
  link("download-mask", maskUrl, `${stem}-mask.png`);
  $("result").hidden = false;
  slide(Number($("slider").value));
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

/** What was found and done, for people. */
function sentence({ tasks, restored, confidence }) {
  if (tasks.length === 0) {
    return "No damage found: your photograph is unchanged.";
  }
  if (restored.length === 0) {
    return `It may suffer from ${namesOf(tasks)}, but only ${
      percent(confidence)
    } sure: your photograph is unchanged. Choose what spoils it to restore it all the same.`;
  }
  return `Restored: ${namesOf(restored)}.`;
}

function namesOf(tasks) {
  return tasks.map((task) => TASKS[task] ?? task).join(" and ");
}

/** Paints the grey mask with the colour map; faint damage is transparent. */
async function drawHeat(mask) {
  const bitmap = await createImageBitmap(mask);
  const canvas = $("heat");
  const { width, height } = bitmap;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const pixels = context.getImageData(0, 0, width, height);
  const { data } = pixels;
  const colours = Array.from(
    { length: 256 },
    (_, value) => colour(value / 255),
  );
  for (let at = 0; at < data.length; at += 4) {
    const value = data[at];
    data.set(colours[value], at);
    data[at + 3] = 230 * Math.sqrt(value / 255);
  }
  context.putImageData(pixels, 0, 0);
}

/** Red, green and blue of a share, 0 to 1. */
function colour(share) {
  const place = share * (INFERNO.length - 1);
  const low = Math.floor(place), high = Math.min(low + 1, INFERNO.length - 1);
  return [0, 2, 4].map((i) => {
    const [a, b] = [low, high].map((n) =>
      parseInt(INFERNO[n].slice(i, i + 2), 16)
    );
    return a + (b - a) * (place - low);
  });
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

compare.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  // Otherwise the browser drags or selects the image, and the line stops.
  event.preventDefault();
  compare.setPointerCapture(event.pointerId);
  slideTo(event);
});
compare.addEventListener("pointermove", (event) => {
  if (compare.hasPointerCapture(event.pointerId)) slideTo(event);
});

compare.addEventListener("dragstart", (event) => event.preventDefault());

function slideTo(event) {
  const { left, width } = compare.getBoundingClientRect();
  slide(100 * (event.clientX - left) / width);
}

function busy(on) {
  $("start").disabled = on || photos.length === 0;
  $("stop").hidden = !on;
  form.setAttribute("aria-busy", String(on));
}

function say(text) {
  $("status").textContent = text;
}

function percent(share) {
  if (share > 0 && share < 0.01) return "under 1 %";
  if (share < 1 && share > 0.99) return "over 99 %";
  return `${Math.round(100 * share)} %`;
}
