/** What callers are told about errors: problem details (RFC 9457). */
import { type ErrorCode, LimpidError } from "../errors.ts";
import { withoutRaiseLimit } from "../raise_limit.ts";

/** Status and title of every problem, by the last part of its type. */
const PROBLEMS = {
  "empty-input": [400, "The image has no bytes"],
  "invalid-request": [400, "The request cannot be read"],
  "invalid-option": [400, "A parameter is not valid"],
  "unauthorised": [401, "A token or a signature is needed"],
  "forbidden": [403, "The token or the signature is not accepted"],
  "source-forbidden": [403, "Images must not be fetched from this address"],
  "not-found": [404, "There is nothing at this path"],
  "method-not-allowed": [405, "The path does not allow this method"],
  "not-acceptable": [406, "The client accepts no format that can be written"],
  "too-slow-body": [408, "The body came too slowly"],
  "too-many-bytes": [413, "The image has too many bytes"],
  "not-an-image": [415, "The bytes are not an image"],
  "unsupported-format": [415, "The image's format is not supported"],
  "corrupt-image": [422, "The image is damaged"],
  "too-many-pixels": [422, "The image has too many pixels"],
  "too-much-memory": [422, "The image takes too much memory"],
  "busy": [429, "The server is busy"],
  "too-many-headers": [431, "The request has too many headers"],
  "client-gone": [499, "The client has left"],
  "internal": [500, "An unexpected error occurred"],
  "source-failed": [502, "The image could not be fetched"],
  "not-ready": [503, "The server is not ready"],
  "model-failed": [503, "A model cannot be used"],
  "device-failed": [503, "The device stopped working"],
  "too-slow": [503, "The work took too long"],
} as const satisfies Record<string, readonly [number, string]>;

/** Last part of a problem's type. */
export type ProblemCode = keyof typeof PROBLEMS;

/** All codes. */
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** Prefix of every problem's type. */
export const TYPE_PREFIX = "urn:limpid:problem:";

/** Errors of the library whose message is only about the caller's input. */
const PUBLIC: ReadonlySet<ErrorCode> = new Set([
  "empty-input",
  "not-an-image",
  "unsupported-format",
  "too-many-pixels",
  "too-many-bytes",
  "invalid-option",
]);

/** Code and message that callers get for the library's other errors. */
const VEILED: Readonly<
  Partial<Record<ErrorCode, readonly [ProblemCode, string]>>
> = {
  "corrupt-image": [
    "corrupt-image",
    "The image is damaged or truncated: its pixels cannot be decoded.",
  ],
  "too-much-memory": [
    "too-much-memory",
    "The image takes more memory than the server allows for one image; send a smaller one.",
  ],
  "out-of-memory": [
    "device-failed",
    "The device does not have enough memory for the image; try again later, or send a smaller one.",
  ],
  "unreadable": [
    "invalid-request",
    "The body ended before all of it was read; send it again.",
  ],
  // The service writes nothing but models to their cache.
  "unwritable": [
    "model-failed",
    "A model cannot be stored; try again later.",
  ],
  "model-missing": ["model-failed", "A model is missing; try again later."],
  "model-corrupt": ["model-failed", "A model is damaged; try again later."],
  "device-unavailable": [
    "device-failed",
    "The device is not available; try again later.",
  ],
  "device-failed": [
    "device-failed",
    "The device stopped working and is being reopened; try again.",
  ],
  "codec-failed": [
    "too-slow",
    "The image could not be decoded or encoded: its codec did not finish, or cannot be had; send a smaller one or another format, or try again later.",
  ],
  "aborted": ["client-gone", "The client has left."],
};

/** An error for a caller: a public sentence, and a cause for the log. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  /** Seconds after which to try again. */
  readonly retryAfter: number | null;
  /** For `method-not-allowed`: the methods of the path. */
  readonly allow: readonly string[];

  /**
   * @param detail Public: one sentence without paths, URLs and secrets.
   * @param options `cause`: for the log only; `retryAfter` in seconds; `allow`: methods.
   */
  constructor(
    code: ProblemCode,
    detail: string,
    options: ErrorOptions & {
      readonly retryAfter?: number;
      readonly allow?: readonly string[];
    } = {},
  ) {
    super(detail, options);
    this.code = code;
    this.retryAfter = options.retryAfter ?? null;
    this.allow = options.allow ?? [];
  }

  /** HTTP status. */
  get status(): number {
    return PROBLEMS[this.code][0];
  }

  /** The problem as `application/problem+json`. */
  response(requestId: string): Response {
    const headers = new Headers({
      "content-type": "application/problem+json",
      "cache-control": "no-store",
    });
    if (this.retryAfter !== null) {
      headers.set("retry-after", String(this.retryAfter));
    }
    if (this.status === 405) headers.set("allow", this.allow.join(", "));
    if (this.status === 401) headers.set("www-authenticate", "Bearer");
    const body = new TextEncoder().encode(
      JSON.stringify({
        type: TYPE_PREFIX + this.code,
        title: PROBLEMS[this.code][1],
        status: this.status,
        detail: this.message,
        requestId,
      }),
    );
    // With its length a client has all of it before the connection is free.
    headers.set("content-length", String(body.length));
    return new Response(
      body,
      { status: this.status, headers },
    );
  }
}

/** Status and title of a problem. */
export function describeProblem(
  code: ProblemCode,
): { readonly status: number; readonly title: string } {
  const [status, title] = PROBLEMS[code];
  return { status, title };
}

/** Converts whatever was thrown to a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof LimpidError)) {
    return new Problem(
      "internal",
      "An unexpected error occurred; report it with the request id, which is in the server's log.",
      { cause: error },
    );
  }
  // Our own limits abort a job with the problem as reason.
  if (error.code === "aborted" && error.cause instanceof Problem) {
    return error.cause;
  }
  if (PUBLIC.has(error.code)) {
    // Limits are the operator's, callers cannot raise them.
    return new Problem(
      error.code as ProblemCode,
      withoutRaiseLimit(error.message),
      { cause: error },
    );
  }
  const [code, detail] = VEILED[error.code] ??
    [
      "internal",
      "An unexpected error occurred; report it with the request id.",
    ] as const;
  return new Problem(code, detail, {
    cause: error,
    ...(PROBLEMS[code][0] === 503 ? { retryAfter: 5 } : {}),
  });
}

/** The problem of requests that come while the service stops, or after. */
export function stopping(cause?: unknown): Problem {
  return new Problem("not-ready", "The server is stopping.", {
    cause,
    retryAfter: 5,
  });
}

/** An error and its causes in one line, for the log. */
export function internalText(error: unknown): string {
  const lines: string[] = [];
  for (
    let at: unknown = error;
    at != null && lines.length < 5;
    at = at instanceof Error ? at.cause : null
  ) {
    const code = at instanceof LimpidError || at instanceof Problem
      ? ` [${at.code}]`
      : "";
    lines.push(`${at}${code}`.slice(0, 500));
  }
  return lines.join(" <- ");
}
