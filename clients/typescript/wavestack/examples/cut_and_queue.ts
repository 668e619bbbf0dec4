// Cuts a clip out of a video, draws a thumbnail for it and queues it:
// node dist/examples/cut_and_queue.js https://example.com/video.mp4 30 15 clip.mp4 thumbnail.png
// The service and the credentials come from WAVESTACK_URL, WAVESTACK_API_KEY (client_id:client_secret) and WAVESTACK_ORG_ID.

import { argv, env, exit } from "node:process";

import { WaveStackClient, WaveStackError } from "@wavestack/sdk";

async function main(source: string, startSec: number, durationSec: number, clipPath: string, thumbnailPath: string) {
  const client = new WaveStackClient({
    baseUrl: env["WAVESTACK_URL"] ?? "http://localhost:3000",
    apiKey: env["WAVESTACK_API_KEY"] ?? "",
    orgId: env["WAVESTACK_ORG_ID"] ?? "",
  });
  const created = await client.clipper.create({ source, startSec, durationSec });
  const clip = await client.clipper.wait(created, { onProgress: (now) => console.log(`clip: ${now.progress} %`) });
  console.log(`clip: ${await client.clipper.download(clip, clipPath)}`);
  const assetId = clip.result?.assetId ?? "";
  const thumbnail = await client.thumbnails.fromFrame({ videoUrl: assetId, style: "gaming", title: "INSANE CLUTCH" });
  console.log(`thumbnail: ${await client.thumbnails.download(thumbnail, thumbnailPath)}`);
  const item = await client.queue.create({ assetId, title: "My Video", platforms: ["youtube", "instagram"] });
  console.log(`queued: ${item.id}`);
}

const [source, startSec, durationSec, clipPath, thumbnailPath] = argv.slice(2);
if (!source || !startSec || !durationSec || !clipPath || !thumbnailPath) {
  console.error("give a video, a start and a duration in seconds, and paths for the clip and the thumbnail");
  exit(2);
}
try {
  await main(source, Number(startSec), Number(durationSec), clipPath, thumbnailPath);
} catch (error) {
  if (!(error instanceof WaveStackError)) throw error;
  console.error(`failed: ${error.message}`);
  exit(1);
}
