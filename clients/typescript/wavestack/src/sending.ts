// Sending a request until there is an answer, and reading what is wrong where it is an error.

import {
  ApiError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  RateLimitedError,
  type Said,
  ServerError,
  UnauthorizedError,
  UnexpectedAnswerError,
  ValidationError,
  type WaveStackError,
} from "./errors.js";
import { type Answer, type Request, send } from "./http.js";
import { type Fields, parse } from "./reading.js";
import { Deadline, helps, mayBeDone, pauseMs, readRetryAfter, type Retry, sleep } from "./retrying.js";

const OF_CODE: Readonly<Record<string, new (message: string, said: Said) => ApiError>> = {
  VALIDATION_ERROR: ValidationError,
  UNAUTHORIZED: UnauthorizedError,
  FORBIDDEN: ForbiddenError,
  NOT_FOUND: NotFoundError,
  CONFLICT: ConflictError,
  RATE_LIMITED: RateLimitedError,
};
const OF_STATUS: Readonly<Record<number, string>> = {
  400: "VALIDATION_ERROR",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  429: "RATE_LIMITED",
};

export interface How {
  /** For each attempt. */
  readonly timeoutMs: number;
  /** Whether sending twice does what sending once does. */
  readonly repeatable: boolean;
  /** Whether a 404 to a request that may have been done before, its answer lost, is a success. */
  readonly goneIsDone?: boolean;
  /** For all attempts with their pauses. */
  readonly deadline?: Deadline | undefined;
}

/** Sends a request, again where that may help and does no harm; returns the answer if it is a success. */
export async function sendUntilAnswered(request: Request, retry: Retry, how: How): Promise<Answer> {
  const deadline = how.deadline ?? new Deadline(null);
  let inDoubt = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return checked(await send(request, Math.max(1, Math.ceil(deadline.left(how.timeoutMs)))));
    } catch (failure) {
      if (failure instanceof NotFoundError && how.goneIsDone && inDoubt) {
        return { status: 200, headers: new Headers(), body: "{}" };
      }
      const pause = helps(failure, how.repeatable) ? pauseMs(retry, failure, attempt) : null;
      if (pause === null || deadline.left(pause + 1000) <= pause) throw failure;
      inDoubt ||= mayBeDone(failure);
      await sleep(pause);
    }
  }
}

/** Returns an answer that is a success, and throws what any other says. */
export function checked(answer: Answer): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw errorOf(answer);
}

/** Reads the error of an answer. One that has no body of WaveStack, as a proxy's has none, goes by its status. */
function errorOf(answer: Answer): WaveStackError {
  if (answer.status < 400) {
    return new UnexpectedAnswerError(`the answer is neither a success nor an error: status ${answer.status}`);
  }
  const said = saidIn(answer.body);
  const fallback = OF_STATUS[answer.status] ?? (answer.status >= 500 ? "INTERNAL_ERROR" : "ERROR");
  const code = text(said, "code") || fallback;
  const kind = answer.status >= 500 ? ServerError : (known(code) ?? known(fallback) ?? ApiError);
  const details = said?.get("details");
  return new kind(text(said, "message") || `the service answered with status ${answer.status}`, {
    code,
    status: answer.status,
    details: typeof details === "object" && details !== null ? (details as Record<string, unknown>) : {},
    retryAfter: readRetryAfter(answer.headers.get("retry-after")),
    requestId: answer.headers.get("x-request-id") ?? "",
  });
}

function known(code: string): (typeof OF_CODE)[string] | undefined {
  return Object.hasOwn(OF_CODE, code) ? OF_CODE[code] : undefined;
}

function saidIn(body: string): Fields | undefined {
  try {
    return parse(body).object("error");
  } catch {
    return undefined;
  }
}

function text(said: Fields | undefined, name: string): string {
  const value = said?.get(name);
  return typeof value === "string" ? value : "";
}
