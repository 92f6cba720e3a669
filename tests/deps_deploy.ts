/** Schemas of what is deployed, with exact versions. */
export { Service as KnativeService } from "npm:@kubernetes-models/knative@4.0.0/serving.knative.dev/v1/Service";
export { Job } from "npm:kubernetes-models@5.1.0/batch/v1/Job";
export { parse, parseAllDocuments } from "npm:yaml@2.9.1";
