/** Health and readiness of the service, for monitoring, and its models. */
import { VERSION } from "../../version.ts";
import type { Hono } from "../../../deps_http.ts";
import { channelsOf, type ModelEntry } from "../../models/manifest.ts";
import type { Variables } from "../request_context.ts";
import { Problem, stopping } from "../problem.ts";
import type { Service } from "../service.ts";

/**
 * Adds `/livez`, `/readyz`, `/models`, and the health and metadata part of the
 * KServe V2 protocol under `/v2`, which does not offer inference.
 */
export function addHealth(app: Hono<Variables>, service: Service): void {
  const { supervisor } = service;
  const checkReady = (): void => {
    if (service.draining) throw stopping();
    if (!supervisor.status.ready) {
      throw new Problem(
        "not-ready",
        "The server is not ready; try again later.",
        {
          retryAfter: 5,
        },
      );
    }
  };
  const modelNamed = (id: string): ModelEntry => {
    const model = supervisor.models.find((m) => m.id === id);
    if (model !== undefined) return model;
    throw new Problem("not-found", "There is no such model; see /models.");
  };

  app.get("/livez", (c) => c.json({ live: true }));
  app.get("/readyz", (c) => {
    checkReady();
    const { device } = supervisor.status;
    return c.json({ ready: true, device });
  });
  app.get("/models", (c) => {
    const { device, deviceReason } = supervisor.status;
    return c.json({
      device,
      deviceReason,
      models: supervisor.models.map((model) => ({
        ...publicModel(model),
        tried: supervisor.wasTried(model),
      })),
    });
  });

  app.get(
    "/v2",
    (c) => c.json({ name: "limpid", version: VERSION, extensions: [] }),
  );
  app.get("/v2/health/live", (c) => c.json({ live: true }));
  app.get("/v2/health/ready", (c) => {
    checkReady();
    return c.json({ ready: true });
  });
  for (
    const path of ["/v2/models/:model", "/v2/models/:model/versions/:version"]
  ) {
    app.get(`${path}/ready`, (c) => {
      const model = modelNamed(c.req.param("model") ?? "");
      const { id } = model;
      checkReady();
      if (!supervisor.wasTried(model)) {
        throw new Problem(
          "not-ready",
          `The model is loaded with the first image whose size is ${model.size}.`,
        );
      }
      return c.json({ name: id, ready: true });
    });
    app.get(
      path,
      (c) => c.json(v2Model(modelNamed(c.req.param("model") ?? ""))),
    );
  }
}

/** The public fields of a model. */
function publicModel(entry: ModelEntry): Record<string, unknown> {
  const { id, kind, task, size, bytes, sha256, gmacs, figures, licence } =
    entry;
  return { id, kind, task, size, bytes, sha256, gmacs, figures, licence };
}

/** Metadata of a model in KServe V2; -1 is a variable dimension. */
function v2Model(entry: ModelEntry): Record<string, unknown> {
  const { id, graph } = entry;
  const planes = channelsOf(entry).length;
  const given = {
    mask: planes,
    evidence: planes,
    attention: planes,
    restored: 3,
    correction: 4,
  };
  const tensor = (
    channels: Readonly<Record<string, number>>,
    name: string,
  ): Record<string, unknown> => ({
    name,
    datatype: "FP32",
    shape: name.startsWith("thumb")
      ? [1, channels[name] ?? -1, graph.thumb, graph.thumb]
      : [1, channels[name] ?? -1, -1, -1],
  });
  return {
    name: id,
    versions: ["1"],
    platform: "onnx",
    inputs: graph.inputs.map((name) => tensor(INPUTS, name)),
    outputs: graph.outputs.map((name) => tensor(given, name)),
  };
}

/** Channels of the models' input tensors. */
const INPUTS = { image: 3, mask: 1, thumb: 3, thumb_mask: 1 };
