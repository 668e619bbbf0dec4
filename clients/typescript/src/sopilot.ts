// Uploading from disk, waiting for a job, saving a report.

import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";

import type { ReelOps } from "./client.js";
import { type Job, Job_State } from "./gen/reelops/api/jobs/v1/job_pb.js";
import {
  type UploadVideoRequest,
  UploadVideoRequestSchema,
} from "./gen/reelops/api/sopilot/v1/ingest_service_pb.js";
import type { Video_Role } from "./gen/reelops/api/sopilot/v1/video_pb.js";

const CHUNK_BYTES = 1024 * 1024;
const TRANSFER_MS = 6 * 3600 * 1000;
const WATCH_MS = 15 * 60 * 1000;
const RECONNECTS = 30;

export interface UploadOptions {
  readonly taskId: string;
  readonly role: Video_Role;
  readonly onProgress?: (sentBytes: number) => void;
}

/** A job that ended with an error, or was cancelled. */
export class JobFailed extends Error {
  constructor(readonly job: Job) {
    super(job.errorMessage ?? `job ${job.jobId} did not succeed`);
    this.name = "JobFailed";
  }

  get reason(): string {
    return this.job.errorCode ?? "";
  }
}

/** Uploads a file in pieces of 1 MiB, holding one at a time, and returns the id of its ingest job. */
export async function upload(reelops: ReelOps, path: string, options: UploadOptions): Promise<string> {
  const answer = await reelops.ingest.uploadVideo(pieces(path, options), { timeoutMs: TRANSFER_MS });
  return answer.ingestJobId;
}

async function* pieces(path: string, options: UploadOptions): AsyncGenerator<UploadVideoRequest> {
  const description = { taskId: options.taskId, role: options.role, filename: basename(path) };
  yield create(UploadVideoRequestSchema, { part: { case: "description", value: description } });
  const file = await open(path);
  try {
    let sentBytes = 0;
    for await (const piece of file.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false })) {
      const chunk = new Uint8Array(piece as Buffer);
      yield create(UploadVideoRequestSchema, { part: { case: "chunk", value: chunk } });
      sentBytes += chunk.length;
      options.onProgress?.(sentBytes);
    }
  } finally {
    await file.close();
  }
}

/** Waits until a job is completed; goes on when the connection is lost. Throws JobFailed where it ends otherwise. */
export async function wait(reelops: ReelOps, jobId: string, onUpdate?: (job: Job) => void): Promise<Job> {
  for (let lost = 0; ; lost++) {
    try {
      for await (const { job } of reelops.jobs.watchJob({ jobId }, { timeoutMs: WATCH_MS })) {
        if (job === undefined) continue;
        lost = 0;
        onUpdate?.(job);
        if (job.state === Job_State.COMPLETED) return job;
        if (job.state === Job_State.FAILED || job.state === Job_State.CANCELLED) throw new JobFailed(job);
      }
    } catch (error) {
      if (!isTransient(error) || lost >= RECONNECTS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(5000, 100 * 2 ** lost)));
  }
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  // A proxy whose server dies in the middle of an answer resets the stream.
  const isReset = error.code === Code.Internal && error.rawMessage.startsWith("http/2 stream closed");
  return isReset || error.code === Code.Unavailable || error.code === Code.DeadlineExceeded;
}

/** Saves the PDF report of a completed score, whole or not at all. */
export async function saveReport(reelops: ReelOps, scoreJobId: string, path: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  const file = await open(temporary, "wx");
  try {
    try {
      const bodies = reelops.scoring.downloadScoreReport({ scoreJobId }, { timeoutMs: TRANSFER_MS });
      for await (const body of bodies) await file.writeFile(body.data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
