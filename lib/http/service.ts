/** What all requests share. */
import { Admission } from "./admission.ts";
import type { ServeConfig } from "./config.ts";
import { Engine, type Tell } from "./engine.ts";
import { Metrics } from "./metrics.ts";
import { type Connect, connect, type Resolve, resolve } from "./source.ts";

/** The parts of a running service. */
export interface Service {
  readonly config: ServeConfig;
  readonly engine: Engine;
  readonly admission: Admission;
  readonly metrics: Metrics;
  readonly tell: Tell;
  readonly resolve: Resolve;
  readonly connect: Connect;
  /** Whether the service was told to stop. */
  draining: boolean;
}

/** Begins to open the engine, and puts the parts together. */
export function createService(
  config: ServeConfig,
  tell: Tell,
  network: { readonly resolve: Resolve; readonly connect: Connect } = {
    resolve,
    connect,
  },
): Service {
  const engine = new Engine(config.restorer, tell);
  const admission = new Admission(config.jobs, config.queue, config.queueTime);
  const metrics = new Metrics(admission, engine);
  return {
    config,
    engine,
    admission,
    metrics,
    tell,
    ...network,
    draining: false,
  };
}
