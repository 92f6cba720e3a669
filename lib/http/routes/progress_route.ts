/** GET /progress/ID: how far a job is. */
import { Problem } from "../problem.ts";
import type { Service } from "../service.ts";

/** @throws {Problem} `not-found` where no request of this id is being worked on. */
export function progress({ progress }: Service, id: string): Response {
  const now = progress.of(id);
  if (now === null) {
    throw new Problem(
      "not-found",
      "No request with this id is in progress here; use the X-Request-Id that it was sent with.",
    );
  }
  const { stage, done, total, fraction } = now;
  const rounded = Math.round(1e4 * fraction) / 1e4;
  return Response.json({ stage, done, total, fraction: rounded }, {
    headers: { "cache-control": "no-store" },
  });
}
