// The thumbnail generator.

import { type Caller, segment } from "./calls.js";
import { fileName } from "./clipper.js";
import { download, type OnBytes } from "./downloading.js";
import type { Background, FaceExpression, Style, Thumbnail } from "./models.js";
import type { Fields } from "./reading.js";

const DRAW_MS = 120_000;

export interface NewThumbnail {
  readonly title: string;
  /** custom where absent. */
  readonly style?: Style | undefined;
  readonly subtitle?: string | undefined;
  readonly includeFace?: boolean | undefined;
  readonly faceExpression?: FaceExpression | undefined;
  readonly background?: Background | undefined;
  /** `#rgb` or `#rrggbb`. */
  readonly colors?: readonly string[] | undefined;
  /** A picture or video to show: an http or https URL, the id of an asset, or a file below the media root. */
  readonly picture?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface NewFrameThumbnail {
  readonly videoUrl: string;
  /** The moment of the frame in seconds; the best frame is looked for where absent. */
  readonly timestamp?: number | undefined;
  readonly style?: Style | undefined;
  readonly title?: string | undefined;
  readonly subtitle?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Thumbnails of 1280×720 pixels. Every call draws one, so one whose answer is lost is not repeated. */
export class Thumbnails {
  constructor(private readonly caller: Caller) {}

  /** Draws a thumbnail. */
  async generate(wanted: NewThumbnail): Promise<Thumbnail> {
    const options = present({
      include_face: wanted.includeFace,
      face_expression: wanted.faceExpression,
      background: wanted.background,
      colors: wanted.colors,
      picture: wanted.picture,
    });
    const { title, style, subtitle, timeoutMs } = wanted;
    return this.draw("/api/v1/generate", { title, style, subtitle, options }, timeoutMs);
  }

  /** Draws a thumbnail over a frame of a video. */
  async fromFrame(wanted: NewFrameThumbnail): Promise<Thumbnail> {
    const { videoUrl, timestamp, style, title, subtitle, timeoutMs } = wanted;
    const body = { video_url: videoUrl, timestamp, style, overlays: present({ title, subtitle }) };
    return this.draw("/api/v1/generate/from-frame", body, timeoutMs);
  }

  /** Writes the PNG of a thumbnail, or of a thumbnail's id, to `path`, whole or not at all. */
  async download(
    thumbnail: Thumbnail | string,
    path: string,
    options: { readonly onProgress?: OnBytes } = {},
  ): Promise<string> {
    const name = typeof thumbnail === "string" ? `${thumbnail}.png` : fileName(thumbnail.url);
    const call = { service: "thumbnail", method: "GET", path: `/thumbnails/${segment(name)}` } as const;
    return download(this.caller, call, path, options.onProgress);
  }

  private async draw(path: string, body: Record<string, unknown>, timeoutMs = DRAW_MS): Promise<Thumbnail> {
    return toThumbnail(await this.caller.call({ service: "thumbnail", method: "POST", path, body, timeoutMs }));
  }
}

/** Returns the values if any is there. */
function present(values: Record<string, unknown>): Record<string, unknown> | undefined {
  return Object.values(values).some((value) => value !== undefined) ? values : undefined;
}

function toThumbnail(fields: Fields): Thumbnail {
  const dimensions = fields.object("dimensions");
  return {
    thumbnailId: fields.text("thumbnail_id"),
    url: fields.text("url"),
    dimensions: { width: dimensions.number("width"), height: dimensions.number("height") },
    generatedAt: fields.moment("generated_at"),
    assetId: fields.maybe("asset_id", fields.text),
    jobId: fields.maybe("job_id", fields.text),
    timestamp: fields.maybe("timestamp", fields.number),
    expiresAt: fields.maybe("expires_at", fields.moment),
  };
}
