/** Sends a photograph to the service. */

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

/**
 * Asks the service for a report, the image and its mask.
 *
 * `settings` are parameters of /restore. `stand` is called with what
 * /progress/ID answers. The error of a token that is missing or wrong has
 * `wantsToken`.
 */
export async function restore(body, settings, token, signal, stand) {
  const query = new URLSearchParams({ ...settings, report: "json" });
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
    throw new Error(
      await isReadable(body)
        ? "The service could not be reached; try again."
        : "The file cannot be read: it was changed or moved, or is a folder. Choose it again.",
    );
  } finally {
    answered.abort();
  }
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw Object.assign(
      new Error(problem.detail ?? `The service answered ${answer.status}.`),
      { wantsToken: answer.status === 401 },
    );
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

/** A file that changed on the disk since it was chosen cannot be read. */
async function isReadable(body) {
  try {
    await body.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
