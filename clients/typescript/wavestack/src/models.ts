// What WaveStack answers with. Durations are in seconds.

export type QueueStatus = "queued" | "processing" | "published" | "failed";
export type Platform = "youtube" | "instagram" | "tiktok" | "x" | "facebook" | "linkedin";
export type AssetType = "video" | "clip" | "thumbnail";
export type AssetStatus = "pending" | "processing" | "ready" | "failed";
export type ClipStatus = "queued" | "processing" | "complete" | "failed";
export type ClipFormat = "mp4" | "mov" | "webm" | "mkv";
export type Style = "gaming" | "vlog" | "tutorial" | "reaction" | "custom";
export type FaceExpression =
  | "excited"
  | "happy"
  | "surprised"
  | "shocked"
  | "sad"
  | "angry"
  | "neutral"
  | "thinking";
export type Background = "gradient" | "solid" | "pattern";

/** Why something failed: `code` for programs, `message` for people. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** A queue item as it was created, by `idempotencyKey`. */
export interface CreatedQueueItem {
  readonly id: string;
  readonly status: QueueStatus;
  readonly createdAt: Date;
  readonly idempotencyKey: string;
}

/** Something to publish. */
export interface QueueItem {
  readonly id: string;
  readonly orgId: string;
  readonly projectId: string | null;
  readonly assetId: string | null;
  readonly title: string;
  readonly caption: string | null;
  readonly hashtags: readonly string[];
  readonly platforms: readonly Platform[];
  readonly scheduleAt: Date | null;
  readonly status: QueueStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** There when `status` is failed. */
  readonly error: Failure | null;
}

/** What queue items are gathered in. */
export interface Project {
  readonly id: string;
  readonly orgId: string;
  readonly name: string;
  readonly description: string | null;
  readonly createdAt: Date;
}

/** An entry of the library. */
export interface Asset {
  readonly id: string;
  readonly orgId: string;
  readonly type: AssetType;
  readonly status: AssetStatus;
  readonly name: string;
  readonly contentType: string | null;
  readonly sizeBytes: number | null;
  readonly durationSec: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly jobId: string | null;
  readonly sourceAssetId: string | null;
  readonly error: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** When its file is removed; never where null. */
  readonly expiresAt: Date | null;
}

/** A clip that was cut. */
export interface ClipResult {
  readonly url: string;
  readonly duration: number;
  readonly sizeBytes: number;
  readonly createdAt: Date;
  /** Its entry in the library. */
  readonly assetId: string | null;
  readonly copiedFrames: number;
  readonly encodedFrames: number;
  /** When its file is removed; never where null. */
  readonly expiresAt: Date | null;
}

/** The job that cuts a clip. */
export interface Clip {
  readonly jobId: string;
  readonly status: ClipStatus;
  /** In percent. */
  readonly progress: number;
  /** There once it is complete. */
  readonly result: ClipResult | null;
  /** There once it has failed. */
  readonly error: Failure | null;
}

/** A drawn picture. */
export interface Thumbnail {
  readonly thumbnailId: string;
  readonly url: string;
  /** In pixels. */
  readonly dimensions: { readonly width: number; readonly height: number };
  readonly generatedAt: Date;
  readonly assetId: string | null;
  readonly jobId: string | null;
  /** The moment of its frame in the video, where it has one. */
  readonly timestamp: number | null;
  readonly expiresAt: Date | null;
}
