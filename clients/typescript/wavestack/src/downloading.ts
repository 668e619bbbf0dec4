// Writing what is downloaded, so that the file is there whole or not at all. Needs node's file system.

import type { FileHandle } from "node:fs/promises";

import type { Call, Caller } from "./calls.js";
import {
  IncompleteDownloadError,
  UnauthorizedError,
  UnexpectedAnswerError,
  WaveStackTimeoutError,
} from "./errors.js";
import { type Answer, receive } from "./http.js";
import { helps, pauseMs, sleep } from "./retrying.js";
import { checked } from "./sending.js";

/** Gets the bytes that are there and the whole size, where that is known. */
export type OnBytes = (written: number, total: number | null) => void;

/**
 * Writes a file of the service to `path` and returns it.
 *
 * The bytes go to a temporary file beside it, which takes the name when all of them are there and on disk. Where the
 * connection is lost, the rest is asked for by its range, unless the file has changed meanwhile.
 */
export async function download(caller: Caller, call: Call, path: string, onProgress?: OnBytes): Promise<string> {
  const { open, rename, rm } = await import("node:fs/promises");
  const { dirname, join } = await import("node:path");
  const beside = join(dirname(path), `.${crypto.randomUUID()}.part`);
  const file = await open(beside, "wx");
  try {
    try {
      await fetchInto(caller, call, new Target(file), onProgress);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  return path;
}

/** The file that grows, and what the service said of it: its whole size and its tag. */
class Target {
  written = 0;
  total: number | null = null;
  private etag = "";

  constructor(private readonly file: FileHandle) {}

  /** Returns what asks for the rest; for all of it where a part may not fit what is there. */
  headers(): Record<string, string> {
    const plain = { Accept: "*/*", "Accept-Encoding": "identity" };
    if (this.written === 0 || !this.etag) return plain;
    return { ...plain, Range: `bytes=${this.written}-`, "If-Range": this.etag };
  }

  /** Reads the headers of an answer: goes on where it was for the range that was asked for, else starts anew. */
  async begin(answer: Answer): Promise<void> {
    checked(answer);
    if (answer.status === 206) {
      const first = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers.get("content-range") ?? "")?.[1];
      if (first === undefined || Number(first) !== this.written) {
        throw new UnexpectedAnswerError("the service sent another part of the file than was asked for");
      }
      return;
    }
    await this.file.truncate(0);
    this.written = 0;
    const length = answer.headers.get("content-length");
    const tag = answer.headers.get("etag") ?? "";
    this.total = length === null ? null : Number(length);
    this.etag = tag.startsWith("W/") ? "" : tag;
  }

  async write(data: Uint8Array): Promise<void> {
    for (let done = 0; done < data.length; ) {
      const { bytesWritten } = await this.file.write(data, done, data.length - done, this.written + done);
      done += bytesWritten;
    }
    this.written += data.length;
  }
}

/** Fetches until all is there. As many attempts as usual may bring nothing before it gives up. */
async function fetchInto(caller: Caller, call: Call, target: Target, onProgress?: OnBytes): Promise<void> {
  let misses = 0;
  let renewed = !caller.tokens.renewable;
  for (;;) {
    const before = target.written;
    const token = await caller.tokens.get();
    try {
      await stream(caller, call, token, target, onProgress);
      break;
    } catch (failure) {
      if (failure instanceof UnauthorizedError && !renewed) {
        renewed = true;
        await caller.tokens.discard(token);
        continue;
      }
      misses = target.written > before ? 1 : misses + 1;
      const mayGoOn = helps(failure, true) || failure instanceof WaveStackTimeoutError;
      const pause = mayGoOn ? pauseMs(caller.retry, failure, misses) : null;
      if (pause === null) throw failure;
      await sleep(pause);
    }
  }
  if (target.total !== null && target.written !== target.total) {
    throw new IncompleteDownloadError(`${target.written} bytes came where ${target.total} were announced`);
  }
}

async function stream(
  caller: Caller,
  call: Call,
  token: string,
  target: Target,
  onProgress?: OnBytes,
): Promise<void> {
  const headers = { ...caller.headers(token), ...target.headers() };
  const request = { method: call.method, url: caller.url(call), headers };
  for await (const piece of receive(request, call.timeoutMs ?? caller.timeoutMs, (answer) => target.begin(answer))) {
    await target.write(piece);
    onProgress?.(target.written, target.total);
  }
}
