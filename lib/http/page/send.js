/** Sends a photograph to the service. */

/** Milliseconds before the service is asked how far it is, and between two such questions at first and at most. */
const FIRST_LOOK = 300, LOOK = 400, LAST_LOOK = 2000;

/** Milliseconds after which a busy service is not asked any more. */
const PATIENCE = 10 * 60_000;
/** Problems that pass without anything being done. */
const PASSING = ["busy", "not-ready"];

/** Waits; throws what the signal aborts with. */
async function pause(ms, signal) {
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
  signal.throwIfAborted();
}

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

/**
 * Asks the service for a report, the image and its mask.
 *
 * `settings` are parameters of /restore. `stand` is called with what
 * /progress/ID answers. A service that is busy is asked again when it says. The
 * error of a token that is missing or wrong has `wantsToken`, that of a service
 * that cannot be reached, or stays busy, `isAway`.
 */
export async function restore(body, settings, token, signal, stand) {
  const began = Date.now();
  while (true) {
    const answer = await ask(body, settings, token, signal, stand);
    if (answer.ok) return await read(answer, body);
    const problem = await answer.json().catch(() => ({}));
    // It may have been stopped while the problem came.
    signal.throwIfAborted();
    const code = problem.type?.split(":").at(-1);
    const seconds = Number(answer.headers.get("retry-after"));
    const passes = PASSING.includes(code) && seconds > 0;
    // An error without a problem of ours is of something before the service.
    const isBefore = code === undefined && answer.status >= 500;
    const isOver = Date.now() - began > PATIENCE;
    if (!passes || isOver) {
      throw Object.assign(
        new Error(problem.detail ?? `The service answered ${answer.status}.`),
        { wantsToken: answer.status === 401, isAway: passes || isBefore },
      );
    }
    stand({ stage: code, done: 0, total: 1, fraction: 0 });
    await pause(1000 * seconds, signal);
  }
}

/** Sends a photograph once. */
async function ask(body, settings, token, signal, stand) {
  const query = new URLSearchParams({ ...settings, report: "json" });
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const id = requestId();
  const answered = new AbortController();
  follow(id, headers, AbortSignal.any([signal, answered.signal]), stand);
  try {
    return await fetch(`restore?${query}`, {
      method: "POST",
      body,
      signal,
      headers: { ...headers, "x-request-id": id },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (!await isReadable(body)) {
      throw new Error(
        "The file cannot be read: it was changed or moved, or is a folder. Choose it again.",
      );
    }
    throw Object.assign(
      new Error("The service could not be reached; try again."),
      { isAway: true },
    );
  } finally {
    answered.abort();
  }
}

/** A report, the image and its mask. */
async function read(answer, body) {
  try {
    // Its parts are those of a form, which the browser can read.
    const type = answer.headers.get("content-type")
      .replace("mixed", "form-data");
    const parts = await new Response(await answer.blob(), {
      headers: { "content-type": type },
    }).formData();
    const [report, image, mask] = ["report", "image", "mask"]
      .map((name) => parts.get(name));
    if (!report || !image || !mask) throw new TypeError("A part is missing.");
    return { report: JSON.parse(report), image, mask, original: body };
  } catch (error) {
    if (error.name === "AbortError") throw error;
    // The connection was lost, or something on the way answered.
    throw Object.assign(
      new Error("The result did not arrive whole; try again."),
      { isAway: true },
    );
  }
}

/** A file that changed on the disk since it was chosen cannot be read. */
async function isReadable(body) {
  try {
    await body.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
