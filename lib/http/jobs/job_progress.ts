/** How far the jobs of the service are, for those who know the ids of their requests. */
import type { Progress } from "../../types.ts";

/** The stages of a job, in order: in `receive` its request is being read, the others are {@linkcode Progress}'s. */
export const JOB_STAGES = [
  "receive",
  "queue",
  "download",
  "decode",
  "mask",
  "restore",
  "encode",
] as const satisfies readonly ("receive" | Progress["stage"])[];

/** As {@linkcode Progress}. */
export type JobStage = Omit<Progress, "stage"> & {
  readonly stage: typeof JOB_STAGES[number];
};

/** One job, until it is disposed of. */
export interface ToldJob extends Disposable {
  /** To be told of the job's progress. */
  tell(now: JobStage): void;
}

/** Of the jobs that are let in, and of no others: there are never more of them than places. */
export class JobProgress {
  readonly #jobs = new Map<string, { now: JobStage }>();

  /** @param id Of the request. Where a job has that id already, this one is not told of. */
  begin(id: string): ToldJob {
    const job = {
      now: { stage: "receive", done: 0, total: 1, fraction: 0 } as JobStage,
    };
    if (!this.#jobs.has(id)) this.#jobs.set(id, job);
    return {
      tell: (now): void => {
        job.now = now;
      },
      [Symbol.dispose]: () => {
        if (this.#jobs.get(id) === job) this.#jobs.delete(id);
      },
    };
  }

  /** How far a job is; `null` where there is none of this id. */
  of(id: string): JobStage | null {
    return this.#jobs.get(id)?.now ?? null;
  }
}
