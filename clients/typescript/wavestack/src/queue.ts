// The queue: what an organisation is going to publish, and when.

import { type Caller, segment } from "./calls.js";
import type { CreatedQueueItem, Failure, Platform, QueueItem, QueueStatus } from "./models.js";
import { every, Page, PAGE_SIZE } from "./paging.js";
import type { Fields } from "./reading.js";

export interface NewQueueItem {
  readonly title: string;
  readonly platforms: readonly Platform[];
  readonly projectId?: string | undefined;
  readonly assetId?: string | undefined;
  readonly caption?: string | undefined;
  readonly hashtags?: readonly string[] | undefined;
  readonly scheduleAt?: Date | undefined;
  /** The same key with the same content gives the item that is there; made by the call where absent. */
  readonly idempotencyKey?: string | undefined;
}

export interface QueueFilter {
  readonly status?: QueueStatus | undefined;
  readonly projectId?: string | undefined;
}

export interface Paging {
  /** Items on the page: 1 to 100, 20 where absent. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** Queue items of the organisation. */
export class Queue {
  constructor(private readonly caller: Caller) {}

  /**
   * Creates an item. Without a key the call makes one, so that it may be repeated when its answer is lost.
   *
   * Throws ValidationError, and ConflictError where the key was used with other content.
   */
  async create(item: NewQueueItem): Promise<CreatedQueueItem> {
    const idempotencyKey = item.idempotencyKey ?? crypto.randomUUID();
    const body = {
      projectId: item.projectId,
      assetId: item.assetId,
      title: item.title,
      caption: item.caption,
      hashtags: item.hashtags,
      platforms: item.platforms,
      scheduleAt: item.scheduleAt?.toISOString(),
      idempotencyKey,
    };
    const call = { service: "core", method: "POST", path: "/api/queue", body, repeatable: true } as const;
    const fields = await this.caller.call(call);
    return {
      id: fields.text("id"),
      status: fields.text("status") as QueueStatus,
      createdAt: fields.moment("createdAt"),
      idempotencyKey,
    };
  }

  async get(itemId: string): Promise<QueueItem> {
    const path = `/api/queue/${segment(itemId)}`;
    return toItem(await this.caller.call({ service: "core", method: "GET", path, repeatable: true }));
  }

  /** Returns a page of items, newest first. */
  async list(filter: QueueFilter & Paging = {}): Promise<Page<QueueItem>> {
    const { status, projectId, limit, offset } = filter;
    const query = { status, projectId, limit, offset };
    const call = { service: "core", method: "GET", path: "/api/queue", query, repeatable: true } as const;
    return Page.read(await this.caller.call(call), toItem);
  }

  /** Yields every item once, newest first, page after page; items may be deleted meanwhile. */
  iterate(options: QueueFilter & { readonly pageSize?: number } = {}): AsyncGenerator<QueueItem, void, undefined> {
    const { pageSize: limit = PAGE_SIZE, ...filter } = options;
    return every((offset) => this.list({ ...filter, limit, offset }));
  }

  /** Deletes an item, and so keeps it from being published. Throws ConflictError while it is being published. */
  async delete(itemId: string): Promise<void> {
    const path = `/api/queue/${segment(itemId)}`;
    await this.caller.call({ service: "core", method: "DELETE", path, repeatable: true, goneIsDone: true });
  }
}

function toItem(fields: Fields): QueueItem {
  return {
    id: fields.text("id"),
    orgId: fields.text("orgId"),
    projectId: fields.maybe("projectId", fields.text),
    assetId: fields.maybe("assetId", fields.text),
    title: fields.text("title"),
    caption: fields.maybe("caption", fields.text),
    hashtags: fields.texts("hashtags"),
    platforms: fields.texts("platforms") as Platform[],
    scheduleAt: fields.maybe("scheduleAt", fields.moment),
    status: fields.text("status") as QueueStatus,
    createdAt: fields.moment("createdAt"),
    updatedAt: fields.maybe("updatedAt", fields.moment) ?? fields.moment("createdAt"),
    error: toFailure(fields),
  };
}

export function toFailure(fields: Fields): Failure | null {
  const said = fields.maybe("error", fields.object);
  return said && { code: said.text("code"), message: said.text("message") };
}
