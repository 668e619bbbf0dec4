// When a call is made again, and after how long.

import {
  ApiError,
  RateLimitedError,
  ServerError,
  WaveStackConnectionError,
  WaveStackTimeoutError,
} from "./errors.js";

const AWAY: readonly number[] = [502, 503, 504];

/**
 * How often a call is made in all, and the pauses between.
 *
 * A pause is `firstMs`, doubled with every attempt up to `longestMs`, of which a random half is taken off. What the
 * service says by `Retry-After` is waited for besides, unless it is more than `longestRetryAfterMs`.
 */
export interface Retry {
  readonly attempts: number;
  readonly firstMs: number;
  readonly longestMs: number;
  readonly longestRetryAfterMs: number;
}

export const RETRY: Retry = { attempts: 5, firstMs: 200, longestMs: 5000, longestRetryAfterMs: 65_000 };

/** Returns how long to wait after failed attempt `attempt`, counted from 1; null where there is no other. */
export function pauseMs(retry: Retry, failure: unknown, attempt: number): number | null {
  const asked = ((failure instanceof ApiError ? failure.retryAfter : null) ?? 0) * 1000;
  if (attempt >= retry.attempts || asked > retry.longestRetryAfterMs) return null;
  const longest = Math.min(retry.longestMs, retry.firstMs * 2 ** (attempt - 1));
  return longest * (0.5 + Math.random() / 2) + asked;
}

/**
 * Says whether making the call again may help and does no harm.
 *
 * `repeatable` is a call that does the same when it is made twice. Any other is made again only where the request
 * never left. An answer that took too long is not asked for again: the service may be at it still.
 */
export function helps(failure: unknown, repeatable: boolean): boolean {
  if (isUnsent(failure)) return true;
  return repeatable && (isAway(failure) || failure instanceof RateLimitedError);
}

/** Says whether the service may have done what was asked, though no answer came that says so. */
export function mayBeDone(failure: unknown): boolean {
  return failure instanceof ServerError || (isAboutTheWay(failure) && failure.sent);
}

/** Says whether the service, or the way to it, is away for a moment. */
export function isAway(failure: unknown): boolean {
  return (
    failure instanceof WaveStackConnectionError || (failure instanceof ServerError && AWAY.includes(failure.status))
  );
}

function isUnsent(failure: unknown): boolean {
  return isAboutTheWay(failure) && !failure.sent;
}

function isAboutTheWay(failure: unknown): failure is WaveStackConnectionError | WaveStackTimeoutError {
  return failure instanceof WaveStackConnectionError || failure instanceof WaveStackTimeoutError;
}

/** Reads a Retry-After header as seconds: a number of them, or a moment (RFC 9110, section 10.2.3). */
export function readRetryAfter(header: string | null): number | null {
  const said = (header ?? "").trim();
  if (/^\d+$/.test(said)) return Number(said.slice(0, 9));
  const moment = /GMT$/.test(said) ? Date.parse(said) : Number.NaN;
  return Number.isNaN(moment) ? null : Math.max(0, (moment - Date.now()) / 1000);
}

/** A moment after which there is no more waiting; never where there is no number of milliseconds. */
export class Deadline {
  private readonly end: number;

  constructor(ms: number | null) {
    this.end = ms === null ? Number.POSITIVE_INFINITY : performance.now() + ms;
  }

  /** Returns the milliseconds that are left, 0 to `atMost`. */
  left(atMost: number): number {
    return Math.min(atMost, Math.max(0, this.end - performance.now()));
  }

  get passed(): boolean {
    return performance.now() >= this.end;
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.ceil(ms)));
}
