// The errors that a call to WaveStack may throw.
//
// WaveStackError
//   ApiError                  the service answered with an error (`code`, `status`, `details`)
//     ValidationError         the request is wrong (`field`, `constraint`)
//     UnauthorizedError       missing, wrong or expired credentials
//     ForbiddenError          another organisation's, or not allowed
//     NotFoundError           no such resource
//     ConflictError           the resource is in another state, or the key was used for something else
//     RateLimitedError        too many requests (`retryAfter`)
//     ServerError             the service, or a part of it, failed or is away
//   WaveStackConnectionError  the service cannot be reached, or the connection was lost
//   WaveStackTimeoutError     the answer did not come in time
//   UnexpectedAnswerError     the answer is not what WaveStack answers with
//   ClipFailedError           the clip that was waited for could not be cut
//   IncompleteDownloadError   a file came out shorter or longer than announced

import type { Clip } from "./models.js";

/** A call that did not succeed; `message` is a sentence for people. */
export class WaveStackError extends Error {
  override readonly name: string = "WaveStackError";
}

export interface Said {
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryAfter: number | null;
  readonly requestId: string;
}

/** An answer of the service that says what is wrong. */
export class ApiError extends WaveStackError {
  override readonly name: string = "ApiError";
  /** The document's code, such as `VALIDATION_ERROR`. */
  readonly code: string;
  /** The HTTP status. */
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  /** The seconds after which the service wants to be asked again. */
  readonly retryAfter: number | null;
  /** Finds the call in the service's log. */
  readonly requestId: string;

  constructor(message: string, said: Said) {
    super(message);
    this.code = said.code;
    this.status = said.status;
    this.details = said.details;
    this.retryAfter = said.retryAfter;
    this.requestId = said.requestId;
  }

  /** A finer code where there is one, such as `ASSET_NOT_FOUND`. */
  get reason(): string {
    return text(this.details["reason"]) ?? "";
  }
}

/** The request is wrong and would be wrong again. */
export class ValidationError extends ApiError {
  override readonly name = "ValidationError";

  /** The field that is wrong, as the API spells it. */
  get field(): string | null {
    return text(this.details["field"]);
  }

  /** What the field has to keep: `required`, `max_length`, `enum`, ... */
  get constraint(): string | null {
    return text(this.details["constraint"]);
  }
}

/** The service knows nobody with these credentials. */
export class UnauthorizedError extends ApiError {
  override readonly name = "UnauthorizedError";
}

/** The caller may not do this, or not for this organisation. */
export class ForbiddenError extends ApiError {
  override readonly name = "ForbiddenError";
}

/** The organisation has no such resource. */
export class NotFoundError extends ApiError {
  override readonly name = "NotFoundError";
}

/** The resource is in a state that does not allow this, or the idempotency key was used for something else. */
export class ConflictError extends ApiError {
  override readonly name = "ConflictError";
}

/** Too many requests; `retryAfter` says in how many seconds there are fewer. */
export class RateLimitedError extends ApiError {
  override readonly name = "RateLimitedError";
}

/** The service, or a part of it, failed or is away. */
export class ServerError extends ApiError {
  override readonly name = "ServerError";
}

/** The service cannot be reached, or the connection was lost. `sent` is false where the request never left. */
export class WaveStackConnectionError extends WaveStackError {
  override readonly name = "WaveStackConnectionError";

  constructor(
    message: string,
    readonly sent: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The answer did not come in time. `sent` is false where the request never left. */
export class WaveStackTimeoutError extends WaveStackError {
  override readonly name = "WaveStackTimeoutError";

  constructor(
    message: string,
    readonly sent = true,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What answered is not WaveStack, or speaks in another way than this client knows. */
export class UnexpectedAnswerError extends WaveStackError {
  override readonly name = "UnexpectedAnswerError";
}

/** The clip that was waited for could not be cut; `clip` is its last state. */
export class ClipFailedError extends WaveStackError {
  override readonly name = "ClipFailedError";

  constructor(readonly clip: Clip) {
    super(clip.error?.message ?? `the clip ${clip.jobId} could not be cut`);
  }

  get code(): string {
    return this.clip.error?.code ?? "";
  }
}

/** A file came out shorter or longer than the service had announced. */
export class IncompleteDownloadError extends WaveStackError {
  override readonly name = "IncompleteDownloadError";
}

function text(value: unknown): string | null {
  return value === undefined || value === null ? null : String(value);
}
