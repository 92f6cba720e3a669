/** What all requests share. */
import { Admission } from "./jobs/admission.ts";
import { Answers } from "./listen/answers.ts";
import type { ServeConfig } from "./config.ts";
import { JobProgress } from "./jobs/job_progress.ts";
import { RestorerSupervisor, type Tell } from "./jobs/restorer_supervisor.ts";
import { Metrics } from "./metrics.ts";
import {
  type Connect,
  connect,
  type Resolve,
  resolve,
} from "./security/fetch_source.ts";

/** The parts of a running service. */
export interface Service {
  readonly config: ServeConfig;
  readonly supervisor: RestorerSupervisor;
  readonly admission: Admission;
  readonly progress: JobProgress;
  readonly answers: Answers;
  readonly metrics: Metrics;
  readonly tell: Tell;
  readonly resolve: Resolve;
  readonly connect: Connect;
  /** Whether the service was told to stop. */
  draining: boolean;
}

/** Makes the parts of the service, and begins to open the restorer. */
export function createService(
  config: ServeConfig,
  tell: Tell,
  network: { readonly resolve: Resolve; readonly connect: Connect } = {
    resolve,
    connect,
  },
): Service {
  const supervisor = new RestorerSupervisor(config.restorer, tell);
  const admission = new Admission(config.jobs, config.queue, config.queueTime);
  const answers = new Answers(config.answerBytes, config.writeTime, tell);
  const metrics = new Metrics(admission, answers, supervisor);
  return {
    config,
    supervisor,
    admission,
    progress: new JobProgress(),
    answers,
    metrics,
    tell,
    ...network,
    draining: false,
  };
}
