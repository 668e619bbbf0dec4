// Scores a trainee's take against a gold one: node dist/examples/score_a_take.js gold.mp4 trainee.mp4 task report.pdf
// The service and the token come from REELOPS_URL (http://localhost:50051 where absent) and REELOPS_TOKEN.

import { env, argv, exit } from "node:process";

import { ConnectError } from "@connectrpc/connect";

import {
  connect,
  type Deviation,
  Deviation_Type,
  JobFailed,
  type ReelOps,
  saveReport,
  upload,
  Video_Role,
  wait,
} from "../src/index.js";

async function main(gold: string, trainee: string, taskId: string, report: string): Promise<void> {
  const reelops = connect(env["REELOPS_URL"] ?? "http://localhost:50051", { token: env["REELOPS_TOKEN"] ?? "" });
  const goldVideoId = await ingest(reelops, gold, taskId, Video_Role.gold);
  const traineeVideoId = await ingest(reelops, trainee, taskId, Video_Role.trainee);
  const { scoreJobId } = await reelops.scoring.createScore({ goldVideoId, traineeVideoId });
  await wait(reelops, scoreJobId);
  const { job } = await reelops.scoring.getScore({ scoreJobId });
  if (job?.result === undefined) throw new Error("the score has no result");
  console.log(`score: ${job.result.score.toFixed(1)} of 100 (${job.result.profile}, ${job.result.embeddingModel})`);
  for (const fault of job.result.deviations) {
    console.log(`  ${Deviation_Type[fault.type]} at ${span(fault)}: ${fault.reason}`);
  }
  await saveReport(reelops, scoreJobId, report);
  console.log(`report: ${report}`);
}

async function ingest(reelops: ReelOps, path: string, taskId: string, role: Video_Role): Promise<number> {
  const ingestJobId = await upload(reelops, path, { taskId, role });
  await wait(reelops, ingestJobId, (job) => console.log(`${Video_Role[role]}: ${Math.round(job.progress * 100)} %`));
  const { job } = await reelops.ingest.getIngestJob({ ingestJobId });
  if (job?.videoId === undefined) throw new Error(`the ingest of ${path} gave no video`);
  return job.videoId;
}

function span(fault: Deviation): string {
  const inTrainee = fault.traineeTime?.startSec !== undefined;
  const time = inTrainee ? fault.traineeTime : fault.goldTime;
  const seconds = `${time?.startSec?.toFixed(1)}-${time?.endSec?.toFixed(1)} s`;
  return inTrainee ? seconds : `${seconds} of the gold video`;
}

const [gold, trainee, taskId, report = "report.pdf"] = argv.slice(2);
if (gold === undefined || trainee === undefined || taskId === undefined) {
  console.error("usage: score_a_take gold.mp4 trainee.mp4 task [report.pdf]");
  exit(2);
}
try {
  await main(gold, trainee, taskId, report);
} catch (error) {
  if (!(error instanceof ConnectError || error instanceof JobFailed)) throw error;
  console.error(`failed: ${error.message}`);
  exit(1);
}
// The HTTP/2 connection is kept open for further calls; this program has none.
exit(0);
