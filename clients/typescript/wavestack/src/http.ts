// One HTTP request: within a time, with failures that say whether it was sent.

import { UnexpectedAnswerError, WaveStackConnectionError, WaveStackTimeoutError } from "./errors.js";

const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
/** Longer timers fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const USER_AGENT = "wavestack-typescript/0.1.0";

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends a request and returns the answer, which came whole within the time. */
export async function send(request: Request, timeoutMs: number): Promise<Answer> {
  const signal = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_TIMER_MS));
  try {
    const response = await start(request, signal);
    return { status: response.status, headers: response.headers, body: await text(response) };
  } catch (error) {
    throw translated(error, request, signal);
  }
}

/**
 * Sends a request, hands the answer to `onAnswer` and yields its bytes if it is a success. Any other answer is handed
 * over with its body. `timeoutMs` is for each step: no byte for so long is a failure.
 */
export async function* receive(
  request: Request,
  timeoutMs: number,
  onAnswer: (answer: Answer) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const controller = new AbortController();
  const startTimer = () => setTimeout(() => controller.abort(), Math.min(timeoutMs, LONGEST_TIMER_MS));
  let timer = startTimer();
  try {
    const response = await start(request, controller.signal);
    const body = response.ok ? "" : await text(response);
    await onAnswer({ status: response.status, headers: response.headers, body });
    if (!response.ok || response.body === null) return;
    for await (const piece of response.body) {
      clearTimeout(timer);
      yield piece;
      timer = startTimer();
    }
  } catch (error) {
    throw translated(error, request, controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function start(request: Request, signal: AbortSignal): Promise<Response> {
  return fetch(request.url, {
    method: request.method,
    headers: { "User-Agent": USER_AGENT, ...request.headers },
    redirect: "manual",
    signal,
    ...(request.body === undefined ? {} : { body: request.body }),
  });
}

async function text(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let size = 0;
  let said = "";
  for await (const piece of response.body ?? []) {
    size += piece.length;
    if (size > BODY_LIMIT_BYTES) {
      throw new UnexpectedAnswerError(`the answer is longer than ${BODY_LIMIT_BYTES} bytes`);
    }
    said += decoder.decode(piece, { stream: true });
  }
  return said + decoder.decode();
}

interface Cause {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly message?: unknown;
  readonly errors?: readonly Cause[];
}

/** Turns what `fetch` throws into this package's errors; leaves the others as they are. */
function translated(error: unknown, request: Request, signal: AbortSignal): unknown {
  const what = `${request.method} ${request.url}`;
  const options = { cause: error };
  if (signal.aborted) return new WaveStackTimeoutError(`${what}: no answer in time`, true, options);
  if (!(error instanceof TypeError)) return error;
  const cause = (error.cause ?? {}) as Cause;
  if (cause.code === "UND_ERR_CONNECT_TIMEOUT") {
    return new WaveStackTimeoutError(`${what}: no connection in time`, false, options);
  }
  const said = String(cause.message || cause.code || error.message);
  return neverLeft(cause)
    ? new WaveStackConnectionError(`${what}: no connection: ${said}`, false, options)
    : new WaveStackConnectionError(`${what}: the connection was lost: ${said}`, true, options);
}

function neverLeft(cause: Cause): boolean {
  if (cause.errors !== undefined && cause.errors.length > 0) return cause.errors.every(neverLeft);
  return cause.syscall === "connect" || cause.syscall === "getaddrinfo";
}
