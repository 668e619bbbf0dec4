export { connect, type Options, type ReelOps } from "./client.js";
export { type Job, Job_State } from "./gen/reelops/api/jobs/v1/job_pb.js";
export * from "./gen/reelops/api/sopilot/v1/score_pb.js";
export { type Video, Video_Role } from "./gen/reelops/api/sopilot/v1/video_pb.js";
export { JobFailed, saveReport, upload, type UploadOptions, wait } from "./sopilot.js";
