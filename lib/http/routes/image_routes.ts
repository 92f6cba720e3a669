/** `/restore` and `/mask`: from a request to an image. */
import type { z } from "../../../deps_http.ts";
import { LimpidError } from "../../errors.ts";
import type { MaskResult, RestoreOptions, RestoreResult } from "../../types.ts";
import { checkDepth, checkQuality } from "../../options.ts";
import { decodeMask } from "../../codecs/mod.ts";
import { matches, weakEtag } from "./etag.ts";
import type { RequestContext } from "../request_context.ts";
import { formatOf, FORMATS, ownFormat } from "../../formats.ts";
import { multipartMixed, type Part } from "../body/multipart.ts";
import {
  type Accepted,
  acceptedFormats,
  acceptsReport,
  type Preferred,
  preferredFormats,
} from "./negotiate.ts";
import {
  fetchParameters,
  maskParameters,
  readParameters,
  type RestoreParameters,
  restoreParameters,
} from "./parameters.ts";
import { Problem } from "../problem.ts";
import { readUpload, type Upload } from "../body/read_upload.ts";
import { cacheControl } from "./cache_control.ts";
import { contentDigest, resultHeaders } from "./result_headers.ts";
import { resultObject } from "../../result_object.ts";
import { type JobOptions, runJob } from "../jobs/run_job.ts";
import type { Service } from "../service.ts";
import { fetchSource } from "../security/fetch_source.ts";
import type { Restorer } from "../../restorer.ts";
import { progressOf } from "../../job_control.ts";
import { publicUrl } from "../../public_url.ts";
import { VERSION } from "../../version.ts";

/** Most characters of a source's address in the log. */
const LONGEST_SOURCE = 500;

/** Result of a job. */
interface Made {
  readonly result: MaskResult | RestoreResult;
  /** The image; with a report, all files. */
  readonly files: readonly Part[];
}

/** A job: how to receive its upload and process it. */
interface ImageJob {
  /** Kind and parameters, for the entity tag. */
  readonly identity: string;
  readonly report: boolean;
  readonly receive: () => Promise<Upload>;
  readonly work: (
    upload: Upload,
    restorer: Restorer,
    control: JobOptions,
  ) => Promise<Made>;
}

/** Answers POST /restore, and GET /restore?url=, which needs an allow list. */
export function restore(
  service: Service,
  request: Request,
  context: RequestContext,
): Promise<Response> {
  if (request.method === "POST") {
    const parameters = parametersOf(restoreParameters, request);
    return answer(service, request, context, {
      ...restoration(service, request, parameters),
      receive: () => readUpload(request, service.config.body, context.signal),
    });
  }
  const note = (url: URL): void => {
    context.notes["source"] = publicUrl(url).slice(0, LONGEST_SOURCE);
  };
  const { sources, body } = service.config;
  const { url, ...parameters } = parametersOf(fetchParameters, request);
  return answer(service, request, context, {
    ...restoration(service, request, parameters),
    receive: async () => ({
      image: await fetchSource(
        url,
        sources,
        body,
        context.signal,
        service,
        note,
      ),
      mask: null,
    }),
  });
}

/** Answers POST /mask. */
export function mask(
  service: Service,
  request: Request,
  context: RequestContext,
): Promise<Response> {
  const parameters = parametersOf(maskParameters, request);
  const { report, overlay, ...options } = parameters;
  return answer(service, request, context, {
    identity: JSON.stringify(["mask", parameters]),
    report: report !== undefined,
    receive: async () => {
      const received = await readUpload(
        request,
        service.config.body,
        context.signal,
      );
      if (received.mask === null) return received;
      throw new Problem("invalid-request", "A mask is for /restore only.");
    },
    async work({ image }, restorer, control): Promise<Made> {
      const result = await restorer.predictMask(image, {
        ...service.config.image,
        ...options as RestoreOptions,
        ...control,
      });
      const content = await result.encodeMask({ overlay: overlay === "true" });
      return { result, files: [file("mask", content)] };
    },
  });
}

/** The parameters of a request, with a report where Accept takes nothing else. */
function parametersOf<T extends { readonly report?: "json" | undefined }>(
  schema: z.ZodType<T>,
  { url, headers }: Request,
): T {
  const parameters = readParameters(schema, new URL(url).searchParams);
  return acceptsReport(headers.get("accept"))
    ? { ...parameters, report: "json" }
    : parameters;
}

function restoration(
  { config: { image: defaults, restorer: limits } }: Service,
  request: Request,
  parameters: RestoreParameters,
): Omit<ImageJob, "receive"> {
  const { report, mask: use, format: asked, ...options } = parameters;
  checkDepth(options.depth, asked);
  checkQuality(options.quality, asked);
  // With a report, Accept names the report's type, not the image's.
  const accepted: readonly Accepted[] = asked !== undefined
    ? [{ format: asked, weight: 1, named: true }]
    : acceptedFormats(
      report === undefined ? request.headers.get("accept") : null,
    );
  return {
    identity: JSON.stringify(["restore", parameters, accepted]),
    report: report !== undefined,
    async work({ image, mask }, restorer, control): Promise<Made> {
      if (use !== undefined && mask === null) {
        throw new Problem(
          "invalid-option",
          'The parameter "mask" says how a mask is used, and there is none; send it as the form field mask.',
        );
      }
      const tell = (stage: "queue" | "decode"): void =>
        control.onProgress(progressOf(stage, 0, 1));
      const waits = {
        signal: control.signal,
        onWait: (): void => tell("queue"),
        onTurn: (): void => tell("decode"),
      };
      const how = use ?? "restrict";
      const userMask = mask === null
        ? {}
        : { mask: await decodeMask(mask, how, limits, image, waits) };
      const formats = preferredFormats(
        accepted,
        ownFormat(formatOf(image)),
        options.depth,
        options.quality,
      );
      const result = await restorer.restore(image, {
        ...defaults,
        ...options as RestoreOptions,
        ...userMask,
        ...control,
        // Told before: memory depends on it.
        format: formats[0],
      });
      const files = [file("image", await encodeFirst(result, formats))];
      if (report !== undefined) {
        files.push(file("mask", await result.encodeMask()));
      }
      return { result, files };
    },
  };
}

/** Encodes the image in the first of these formats that can hold it. */
async function encodeFirst(
  result: RestoreResult,
  [format, ...others]: Preferred,
): Promise<Uint8Array> {
  try {
    return await result.encode({ format });
  } catch (error) {
    const [next, ...rest] = others;
    const refused = error instanceof LimpidError &&
      error.code === "invalid-option";
    if (!refused || next === undefined) throw error;
    return await encodeFirst(result, [next, ...rest]);
  }
}

/** Cheap checks first, then the 304, then the work. */
async function answer(
  service: Service,
  request: Request,
  context: RequestContext,
  { identity, report, receive, work }: ImageJob,
): Promise<Response> {
  const { supervisor, admission, answers, metrics, config } = service;
  const { signal } = context;
  using place = admission.enter();
  using progress = service.progress.begin(context.id);
  const received = await context.time("read", receive);
  context.notes["bytesIn"] = received.image.length;
  progress.tell(progressOf("queue", 0, 1));
  // The tag depends on the restorer's models.
  await supervisor.restorer(signal);
  const etag = await weakEtag([
    identity,
    JSON.stringify([
      VERSION,
      config.image,
      config.restorer.precision,
      config.restorer.size,
    ]),
    supervisor.digest,
    received.image,
    received.mask,
  ]);
  const common = {
    etag,
    "cache-control": cacheControl(request, config),
    vary: "accept, authorization",
  };
  if (matches(request.headers.get("if-none-match"), etag)) {
    return new Response(null, {
      status: 304,
      headers: { ...common, "server-timing": context.serverTiming },
    });
  }

  const { result, files } = await runJob(
    service,
    place,
    signal,
    context,
    (restorer, control) =>
      work(received, restorer, {
        ...control,
        onProgress(now): void {
          progress.tell(now);
          control.onProgress(now);
        },
      }),
  );
  for (const stage of ["decode", "mask", "restore", "encode"] as const) {
    const ms = result.times[stage];
    if (ms > 0) context.note(stage, ms);
  }
  metrics.result(result);
  supervisor.noteModels(result.models);
  const { task, device, width, height } = result;
  const body = report
    ? await multipartMixed([
      {
        name: "report",
        type: "application/json",
        content: JSON.stringify({
          requestId: context.id,
          ...resultObject(result),
        }),
      },
      ...files,
    ])
    : {
      type: files[0]!.type,
      body: files[0]!.content as Uint8Array<ArrayBuffer>,
    };
  Object.assign(context.notes, {
    task,
    device,
    width,
    height,
    bytesOut: body.body.length,
  });
  const digest = await contentDigest(body.body);
  // Nobody takes the body of an answer to HEAD.
  const sent = request.method === "HEAD"
    ? null
    : answers.send(body.body, context.id);
  return new Response(sent, {
    headers: {
      ...common,
      ...resultHeaders(result),
      "content-type": body.type,
      "content-length": String(body.body.length),
      "content-digest": digest,
      "server-timing": context.serverTiming,
    },
  });
}

function file(name: string, content: Uint8Array): Part {
  const { mediaType, extensions: [extension] } = FORMATS[formatOf(content)!];
  return {
    name,
    filename: `${name}${extension}`,
    type: mediaType,
    content,
  };
}
