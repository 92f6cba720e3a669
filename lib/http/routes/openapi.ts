/** Describes the service in OpenAPI 3.1, parameters by their own schemas. */
import { VERSION } from "../../version.ts";
import { FORMATS, OUTPUT_FORMATS } from "../../formats.ts";
import { z } from "../../../deps_http.ts";
import type { ServeConfig } from "../config.ts";
import {
  fetchParameters,
  maskParameters,
  restoreParameters,
} from "./parameters.ts";
import { JOB_STAGES } from "../jobs/job_progress.ts";
import { describeProblem, PROBLEM_CODES, TYPE_PREFIX } from "../problem.ts";

type Json = Record<string, unknown>;

const IMAGE = { type: "string", format: "binary" };
/** Answers that every operation may also give. */
const PROBLEMS = {
  "4XX": { $ref: "#/components/responses/Problem" },
  "5XX": { $ref: "#/components/responses/Problem" },
};
/** Security of operations that anyone may call. */
const OPEN = { security: [] };

/** Makes the document. */
export function openApi(
  { tokens, urlKeys, sources, body, restorer }: ServeConfig,
): Json {
  const secured = tokens.length > 0 || urlKeys.length > 0;
  const security = secured
    ? {
      security: [
        ...(tokens.length > 0 ? [{ token: [] }] : []),
        ...(urlKeys.length > 0 ? [{ signature: [] }] : []),
      ],
    }
    : OPEN;
  const image = (types: readonly string[], restored: boolean): Json => ({
    "200": {
      description: "The image; with report=json, a JSON report and the files.",
      headers: headers(restored),
      content: {
        ...Object.fromEntries(types.map((type) => [type, { schema: IMAGE }])),
        "multipart/mixed": { schema: { type: "string" } },
      },
    },
    "304": {
      description: "The answer is unchanged: its ETag is in If-None-Match.",
    },
    ...PROBLEMS,
  });
  const uploads = (form: Json): Json => ({
    required: true,
    description:
      `At most ${body.maxBytes} bytes, and ${restorer.maxPixels} pixels.`,
    content: {
      // First, because client generators use only the first.
      "multipart/form-data": {
        schema: { type: "object", required: ["image"], properties: form },
      },
      "image/*": { schema: IMAGE },
      "application/octet-stream": { schema: IMAGE },
    },
  });
  const written = OUTPUT_FORMATS.map((format) => FORMATS[format].mediaType);
  return {
    openapi: "3.1.0",
    info: {
      title: "Limpid",
      version: VERSION,
      summary:
        "Restores photographs spoiled by rain, raindrops, haze or motion blur.",
      description:
        "Send a photograph to /restore. The answer is the restored photograph, or the same file where nothing was restored and no other format, quality or metadata is asked for. Errors are problem details (RFC 9457) with a type that does not change.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "This service." }],
    tags: [
      { name: "images", description: "Photographs and their masks." },
      { name: "service", description: "Health, models, metrics." },
    ],
    paths: {
      "/restore": {
        post: {
          operationId: "restore",
          tags: ["images"],
          summary: "Restore a photograph where it is damaged.",
          parameters: parameters(restoreParameters),
          requestBody: uploads({ image: IMAGE, mask: IMAGE }),
          responses: image(written, true),
          ...security,
        },
        ...(sources.prefixes.length === 0 ? {} : {
          get: {
            operationId: "restoreUrl",
            tags: ["images"],
            summary: "Fetch a photograph from a URL and restore it.",
            parameters: parameters(fetchParameters),
            responses: image(written, true),
            ...security,
          },
        }),
      },
      "/mask": {
        post: {
          operationId: "mask",
          tags: ["images"],
          summary: "Find where a photograph is damaged.",
          parameters: parameters(maskParameters),
          requestBody: uploads({ image: IMAGE }),
          responses: image(["image/png"], false),
          ...security,
        },
      },
      "/progress/{id}": {
        get: {
          operationId: "progress",
          tags: ["images"],
          summary: "Get the progress of a request to /restore or /mask.",
          description:
            "Choose an id and send it with the request as X-Request-Id. Ask here about every half second until the request is answered. The id is known from the request's headers until its answer, and only to the process that works on it.",
          parameters: [{
            name: "id",
            in: "path",
            required: true,
            description: "The X-Request-Id of the request.",
            schema: { type: "string", pattern: "^[A-Za-z0-9_.-]{8,64}$" },
          }],
          responses: {
            "200": {
              description: "The progress of the request.",
              content: {
                "application/json": {
                  schema: { $ref: "#/components/schemas/Progress" },
                },
              },
            },
            ...PROBLEMS,
          },
          ...security,
        },
      },
      ...json("/livez", "Whether the process answers."),
      ...json("/readyz", "Whether the service accepts images: 200 or 503."),
      ...json("/models", "The models."),
      ...json("/openapi.json", "This document."),
      ...json("/v2", "KServe V2: the server."),
      ...json("/v2/health/live", "KServe V2: as /livez."),
      ...json("/v2/health/ready", "KServe V2: as /readyz."),
      ...json("/v2/models/{model}", "KServe V2: a model.", ["model"]),
      ...json("/v2/models/{model}/ready", "KServe V2: whether it is loaded.", [
        "model",
      ]),
      "/metrics": {
        get: {
          operationId: "metrics",
          tags: ["service"],
          summary: "Metrics for Prometheus.",
          responses: {
            "200": {
              description: "Metrics.",
              content: { "text/plain": { schema: { type: "string" } } },
            },
            ...PROBLEMS,
          },
          ...security,
        },
      },
    },
    components: {
      responses: {
        Problem: {
          description: "Problem details (RFC 9457).",
          content: {
            "application/problem+json": {
              schema: { $ref: "#/components/schemas/Problem" },
            },
          },
        },
      },
      schemas: { Problem: problemSchema(), Progress: progressSchema() },
      ...(secured && {
        securitySchemes: {
          ...(tokens.length > 0 && {
            token: { type: "http", scheme: "bearer" },
          }),
          ...(urlKeys.length > 0 && {
            signature: {
              type: "apiKey",
              in: "query",
              name: "signature",
              description:
                "Signature of method, path and query, sent with expires and key; see docs/service.md.",
            },
          }),
        },
      }),
    },
  };
}

/** Describes the parameters of a query by its schema. */
function parameters(schema: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: "input",
  });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as Json;
    return {
      name,
      in: "query",
      required: required.includes(name),
      description,
      schema: rest,
    };
  });
}

function json(
  path: string,
  summary: string,
  names: readonly string[] = [],
): Json {
  const operationId = path.replace(
    /[^a-z0-9]+(\w)?/g,
    (_, letter = "") => letter.toUpperCase(),
  );
  return {
    [path]: {
      get: {
        operationId: `get${operationId}`,
        tags: ["service"],
        ...OPEN,
        summary,
        ...(names.length === 0 ? {} : {
          parameters: names.map((name) => ({
            name,
            in: "path",
            required: true,
            schema: { type: "string" },
          })),
        }),
        responses: {
          "200": {
            description: "Success; the body is a JSON object.",
            content: { "application/json": { schema: { type: "object" } } },
          },
          ...PROBLEMS,
        },
      },
    },
  };
}

/** @param restored Whether the image was restored, or looked at alone. */
function headers(restored: boolean): Json {
  const described: Readonly<Record<string, string>> = {
    "X-Limpid-Task": "The damage that the image suffers from most, or clean.",
    "X-Limpid-Tasks": "All damage that the image suffers from, or clean.",
    ...(restored ? OF_RESTORATION : {}),
    "X-Limpid-Confidence":
      "Probability of X-Limpid-Task, 0 to 1; 0 where the image is too narrow to be looked at.",
    "X-Limpid-Probabilities":
      "How probable each damage is on its own, and that there is none, 0 to 1, as in rain=0.9871, raindrop=0.0102, haze=0.0031, blur=0.0008, clean=0.0129.",
    "X-Limpid-Coverage": "Share of damaged pixels, 0 to 1.",
    "X-Limpid-Severity": "How badly these pixels are damaged, 0 to 1.",
    "X-Limpid-Device": "webgpu, cpu or wasm.",
    "X-Limpid-Size":
      "The size of models preferred, small or large; a task that has one size alone is done with that.",
    "X-Limpid-Models": "The models that were used, each with its sha256.",
    "X-Limpid-Warnings":
      "Faults of the image that did no harm, why it is not looked at, and what the result leaves out; absent if there are none.",
    "X-Request-Id": "Identifies the request in the log.",
    "Server-Timing": "Milliseconds by stage.",
    "Content-Digest": "SHA-256 of the body (RFC 9530).",
    "ETag": "Weak tag, made from input, parameters and models.",
  };
  return Object.fromEntries(
    Object.entries(described).map(([name, description]) => [name, {
      description,
      schema: { type: "string" },
    }]),
  );
}

const OF_RESTORATION = {
  "X-Limpid-Restored":
    "The damage that was restored, in order, or the word nothing.",
  "X-Limpid-Identical-Pixels": "Share of pixels that kept their bytes.",
  "X-Limpid-Tiles": "Number of restored tiles and of all tiles, as in 5/6.",
};

function progressSchema(): Json {
  return {
    type: "object",
    required: ["stage", "done", "total", "fraction"],
    properties: {
      stage: {
        type: "string",
        enum: JOB_STAGES,
        description:
          "receive: the request is being read; queue: it waits for others; download: a model is being fetched.",
      },
      done: {
        type: "integer",
        description:
          "Number of tiles in the stage; of bytes in the stage download.",
      },
      total: { type: "integer" },
      fraction: {
        type: "number",
        minimum: 0,
        maximum: 1,
        description:
          "How much of all work on the image is done, an estimate; it never falls.",
      },
    },
    example: { stage: "restore", done: 3, total: 12, fraction: 0.46 },
  };
}

function problemSchema(): Json {
  return {
    type: "object",
    required: ["type", "title", "status", "detail", "requestId"],
    properties: {
      type: {
        type: "string",
        enum: PROBLEM_CODES.map((code) => TYPE_PREFIX + code),
        description: PROBLEM_CODES.map((code) => {
          const { status, title } = describeProblem(code);
          return `${code}: ${status}, ${title}`;
        }).join("; "),
      },
      title: { type: "string" },
      status: { type: "integer" },
      detail: { type: "string" },
      requestId: { type: "string" },
    },
    example: {
      type: `${TYPE_PREFIX}not-an-image`,
      title: describeProblem("not-an-image").title,
      status: describeProblem("not-an-image").status,
      detail: "The input is not an image that Limpid knows.",
      requestId: "dcd78b43-e2fc-462e-9bb7-167988973668",
    },
  };
}
