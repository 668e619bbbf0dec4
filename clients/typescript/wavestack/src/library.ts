// Projects and assets of an organisation.

import { type Caller, segment } from "./calls.js";
import type { Asset, AssetStatus, AssetType, Project } from "./models.js";
import { every, Page, PAGE_SIZE } from "./paging.js";
import type { Paging } from "./queue.js";
import type { Fields } from "./reading.js";

export interface NewProject {
  readonly name: string;
  readonly description?: string | undefined;
}

export interface AssetFilter {
  readonly type?: AssetType | undefined;
  readonly status?: AssetStatus | undefined;
}

/** Projects, in which queue items are gathered. */
export class Projects {
  constructor(private readonly caller: Caller) {}

  /** Creates a project. Two may have the same name, so a call whose answer is lost is not repeated. */
  async create({ name, description }: NewProject): Promise<Project> {
    const body = { name, description };
    return toProject(await this.caller.call({ service: "core", method: "POST", path: "/api/projects", body }));
  }

  /** Returns a page of projects, newest first. */
  async list({ limit, offset }: Paging = {}): Promise<Page<Project>> {
    const query = { limit, offset };
    const call = { service: "core", method: "GET", path: "/api/projects", query, repeatable: true } as const;
    return Page.read(await this.caller.call(call), toProject);
  }

  /** Yields every project once, newest first, page after page. */
  iterate({ pageSize: limit = PAGE_SIZE }: { readonly pageSize?: number } = {}): AsyncGenerator<
    Project,
    void,
    undefined
  > {
    return every((offset) => this.list({ limit, offset }));
  }
}

/** Assets: what was uploaded, cut and drawn. */
export class Assets {
  constructor(private readonly caller: Caller) {}

  async get(assetId: string): Promise<Asset> {
    const path = `/api/assets/${segment(assetId)}`;
    return toAsset(await this.caller.call({ service: "core", method: "GET", path, repeatable: true }));
  }

  /** Returns a page of assets, newest first. */
  async list({ type, status, limit, offset }: AssetFilter & Paging = {}): Promise<Page<Asset>> {
    const query = { type, status, limit, offset };
    const call = { service: "core", method: "GET", path: "/api/assets", query, repeatable: true } as const;
    return Page.read(await this.caller.call(call), toAsset);
  }

  /** Yields every asset once, newest first, page after page. */
  iterate(options: AssetFilter & { readonly pageSize?: number } = {}): AsyncGenerator<Asset, void, undefined> {
    const { pageSize: limit = PAGE_SIZE, ...filter } = options;
    return every((offset) => this.list({ ...filter, limit, offset }));
  }
}

function toProject(fields: Fields): Project {
  return {
    id: fields.text("id"),
    orgId: fields.text("orgId"),
    name: fields.text("name"),
    description: fields.maybe("description", fields.text),
    createdAt: fields.moment("createdAt"),
  };
}

function toAsset(fields: Fields): Asset {
  return {
    id: fields.text("id"),
    orgId: fields.text("orgId"),
    type: fields.text("type") as AssetType,
    status: fields.text("status") as AssetStatus,
    name: fields.text("name"),
    contentType: fields.maybe("contentType", fields.text),
    sizeBytes: fields.maybe("sizeBytes", fields.number),
    durationSec: fields.maybe("durationSec", fields.number),
    width: fields.maybe("width", fields.number),
    height: fields.maybe("height", fields.number),
    jobId: fields.maybe("jobId", fields.text),
    sourceAssetId: fields.maybe("sourceAssetId", fields.text),
    error: fields.maybe("error", fields.text),
    createdAt: fields.moment("createdAt"),
    updatedAt: fields.moment("updatedAt"),
    expiresAt: fields.maybe("expiresAt", fields.moment),
  };
}
