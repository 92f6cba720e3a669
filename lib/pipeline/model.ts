/** A network as the pipeline uses it. */
import type { Session } from "../runtime/backend.ts";
import type { ModelEntry } from "../models/manifest.ts";

/** A loaded model with what its manifest says. */
export interface Model {
  readonly entry: ModelEntry;
  readonly session: Session;
}
