/** What answers requests. */
import type { Problem } from "./problem.ts";

/** The service, for a server that listens. */
export interface Answering {
  fetch(request: Request): Promise<Response>;
  /** Answers a request that cannot be made a Request. */
  refuse(problem: Problem): Response;
}
