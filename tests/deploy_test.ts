/** What is deployed: checked against the schemas of Kubernetes and Knative, and against the service's own settings. */
import assert from "node:assert/strict";
import { variable } from "../lib/flags/parse_flags.ts";
import { SETTINGS } from "../lib/http/config.ts";
import {
  Job,
  KnativeService,
  parse,
  parseAllDocuments,
} from "./deps_deploy.ts";

const ROOT = new URL("../", import.meta.url);
const read = (name: string): string =>
  Deno.readTextFileSync(new URL(name, ROOT));

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly {
    readonly name: string;
    readonly containerPort: number;
  }[];
  readonly resources: { readonly limits: Readonly<Record<string, string>> };
  readonly securityContext: Readonly<Record<string, unknown>>;
}

interface PodSpec {
  readonly containerConcurrency: number;
  readonly timeoutSeconds: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly containers: readonly [Container];
}

interface Service {
  readonly apiVersion: string;
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

const variables = new Set(Object.keys(SETTINGS).map(variable));

Deno.test("deploy.yaml is a Knative Service", () => {
  const service = parse(read("deploy.yaml"));
  new KnativeService(service).validate();
  // The schema does find what is wrong.
  const wrong = structuredClone(service);
  wrong.spec.template.spec.containers[0].ports[0].containerPort = "http";
  assert.throws(() => new KnativeService(wrong).validate());
  const misplaced = structuredClone(service);
  misplaced.spec.template.spec.containers = {};
  assert.throws(() => new KnativeService(misplaced).validate());
});

Deno.test("deploy.yaml fits the service: settings, concurrency, GPU, rights", () => {
  const { spec } = (parse(read("deploy.yaml")) as Service).spec.template;
  const [{ env, ports, resources, securityContext }] = spec.containers;
  const set = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  for (const name of Object.keys(set)) assert.ok(variables.has(name), name);
  assert.equal(
    spec.containerConcurrency,
    Number(set["LIMPID_JOBS"]) + Number(set["LIMPID_QUEUE"]),
  );
  assert.match(
    read("Dockerfile"),
    new RegExp(`LIMPID_PORT=${ports[0]!.containerPort}\\b`),
  );
  assert.equal(resources.limits["nvidia.com/gpu"], "1");
  assert.ok(spec.nodeSelector["run.googleapis.com/accelerator"]);
  assert.equal(securityContext["runAsNonRoot"], true);
  assert.equal(securityContext["readOnlyRootFilesystem"], true);
  assert.equal(securityContext["allowPrivilegeEscalation"], false);
});

Deno.test("the files of deploy/ are what they say", () => {
  for (const { name } of Deno.readDirSync(new URL("deploy/", ROOT))) {
    if (!name.endsWith(".yaml")) continue;
    for (const document of parseAllDocuments(read(`deploy/${name}`))) {
      const object = document.toJS();
      if (object.apiVersion === "batch/v1") new Job(object).validate();
      else assert.equal(object.apiVersion, "run.googleapis.com/v1", name);
    }
  }
});

Deno.test("the Dockerfile sets what exists, and does not run as root", () => {
  const file = read("Dockerfile");
  for (const [name] of file.matchAll(/\bLIMPID_[A-Z_]+/g)) {
    assert.ok(variables.has(name), name);
  }
  assert.match(file, /^FROM \S+-2\.9\.6@sha256:[0-9a-f]{64}$/m);
  assert.match(file, /^USER \d+:\d+$/m);
  assert.match(file, /^ENTRYPOINT .*"--cached-only".*"-P=serve"/m);
});
