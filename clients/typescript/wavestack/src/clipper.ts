// The clipper: cuts clips out of videos, exact to the frame.

import { type Caller, segment } from "./calls.js";
import { download, type OnBytes } from "./downloading.js";
import {
  ClipFailedError,
  RateLimitedError,
  UnexpectedAnswerError,
  WaveStackError,
  WaveStackTimeoutError,
} from "./errors.js";
import type { Clip, ClipFormat, ClipResult, ClipStatus } from "./models.js";
import { toFailure } from "./queue.js";
import type { Fields } from "./reading.js";
import { Deadline, isAway, sleep } from "./retrying.js";

const WAIT_MS = 1_800_000;
const FIRST_POLL_MS = 500;
// With these, a clip that is created and waited for stays within ten requests in the first minute.
const POLL_GROWTH = 1.8;
const LONGEST_POLL_MS = 12_000;
const OUTAGE_MS = 300_000;

export interface NewClip {
  /** An http or https URL, the id of an asset, or a file below the service's media root. */
  readonly source: string;
  readonly startSec: number;
  /** 1 to 3600. */
  readonly durationSec: number;
  /** mp4 where absent. */
  readonly outExt?: ClipFormat | undefined;
}

export interface Waiting {
  /** 30 minutes where absent; null waits for ever. */
  readonly timeoutMs?: number | null | undefined;
  /** Is told of each change. */
  readonly onProgress?: ((clip: Clip) => void) | undefined;
  /** The first pause between two looks; they grow to 12 s. */
  readonly pollMs?: number | undefined;
}

/** Clips and the jobs that cut them. */
export class Clipper {
  constructor(private readonly caller: Caller) {}

  /** Queues the cutting of a clip and returns its job. Every call makes one: it is not repeated if its answer is lost. */
  async create({ source, startSec, durationSec, outExt }: NewClip): Promise<Clip> {
    const body = { source, start_sec: startSec, duration_sec: durationSec, out_ext: outExt };
    return toClip(await this.caller.call({ service: "clipper", method: "POST", path: "/api/v1/clip", body }));
  }

  async get(jobId: string): Promise<Clip> {
    return this.look(jobId, new Deadline(null));
  }

  /**
   * Waits until a clip is complete.
   *
   * What the service says by `Retry-After` is kept, and it goes on over five minutes without the service. Throws
   * ClipFailedError and WaveStackTimeoutError.
   */
  async wait(clip: Clip | string, options: Waiting = {}): Promise<Clip> {
    const { timeoutMs = WAIT_MS, onProgress, pollMs = FIRST_POLL_MS } = options;
    const jobId = idOf(clip);
    const deadline = new Deadline(timeoutMs);
    let patience = new Deadline(OUTAGE_MS);
    let last = "";
    for (let pause = pollMs; ; pause = Math.min(pause * POLL_GROWTH, LONGEST_POLL_MS)) {
      let rest = pause;
      try {
        const now = await this.look(jobId, deadline);
        patience = new Deadline(OUTAGE_MS);
        const said = JSON.stringify(now);
        if (said !== last) onProgress?.(now);
        last = said;
        if (now.status === "complete") return now;
        if (now.status === "failed") throw new ClipFailedError(now);
      } catch (failure) {
        rest = restAfter(failure, pause, patience);
      }
      if (deadline.left(rest + 1000) <= rest) {
        throw new WaveStackTimeoutError(`the clip ${jobId} is not there after ${timeoutMs} ms`);
      }
      await sleep(rest);
    }
  }

  /** Writes a complete clip to `path`, whole or not at all. */
  async download(clip: Clip | string, path: string, options: { readonly onProgress?: OnBytes } = {}): Promise<string> {
    const known = typeof clip === "string" || clip.result === null ? await this.get(idOf(clip)) : clip;
    if (known.status === "failed") throw new ClipFailedError(known);
    if (known.result === null) {
      throw new WaveStackError(`the clip ${known.jobId} is ${known.status}: wait for it first`);
    }
    const file = `/files/${segment(fileName(known.result.url))}`;
    return download(this.caller, { service: "clipper", method: "GET", path: file }, path, options.onProgress);
  }

  private async look(jobId: string, deadline: Deadline): Promise<Clip> {
    const path = `/api/v1/clip/${segment(jobId)}`;
    return toClip(await this.caller.call({ service: "clipper", method: "GET", path, repeatable: true }, deadline));
  }
}

function idOf(clip: Clip | string): string {
  return typeof clip === "string" ? clip : clip.jobId;
}

/** Returns how long to wait after a look that failed; throws what no waiting helps with. */
function restAfter(failure: unknown, pause: number, patience: Deadline): number {
  if (failure instanceof RateLimitedError) return Math.max(pause, (failure.retryAfter ?? 0) * 1000);
  if (patience.passed || !(isAway(failure) || failure instanceof WaveStackTimeoutError)) throw failure;
  return pause;
}

/**
 * Returns the name of the file that a URL ends with.
 *
 * Files are asked for at the address that the caller gave, so that a token goes to no other.
 */
export function fileName(url: string): string {
  const name = URL.canParse(url) ? decoded(new URL(url).pathname.split("/").at(-1) ?? "") : "";
  if (["", ".", ".."].includes(name)) {
    throw new UnexpectedAnswerError(`the URL names no file: ${url.slice(0, 200)}`);
  }
  return name;
}

function decoded(segmentOfUrl: string): string {
  try {
    return decodeURIComponent(segmentOfUrl);
  } catch {
    return "";
  }
}

function toClip(fields: Fields): Clip {
  return {
    jobId: fields.text("job_id"),
    status: fields.text("status") as ClipStatus,
    progress: fields.count("progress"),
    result: toResult(fields.maybe("result", fields.object)),
    error: toFailure(fields),
  };
}

function toResult(fields: Fields | null): ClipResult | null {
  return (
    fields && {
      url: fields.text("url"),
      duration: fields.number("duration"),
      sizeBytes: fields.number("size_bytes"),
      createdAt: fields.moment("created_at"),
      assetId: fields.maybe("asset_id", fields.text),
      copiedFrames: fields.count("copied_frames"),
      encodedFrames: fields.count("encoded_frames"),
      expiresAt: fields.maybe("expires_at", fields.moment),
    }
  );
}
