export { WaveStackClient, type WaveStackOptions } from "./client.js";
export type { Clipper, NewClip, Waiting } from "./clipper.js";
export type { OnBytes } from "./downloading.js";
export {
  ApiError,
  ClipFailedError,
  ConflictError,
  ForbiddenError,
  IncompleteDownloadError,
  NotFoundError,
  RateLimitedError,
  ServerError,
  UnauthorizedError,
  UnexpectedAnswerError,
  ValidationError,
  WaveStackConnectionError,
  WaveStackError,
  WaveStackTimeoutError,
} from "./errors.js";
export type { AssetFilter, Assets, NewProject, Projects } from "./library.js";
export type * from "./models.js";
export { Page } from "./paging.js";
export type { NewQueueItem, Paging, Queue, QueueFilter } from "./queue.js";
export type { Retry } from "./retrying.js";
export type { NewFrameThumbnail, NewThumbnail, Thumbnails } from "./thumbnails.js";
