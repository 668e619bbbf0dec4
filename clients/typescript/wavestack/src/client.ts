import { findAddresses } from "./addresses.js";
import { Caller } from "./calls.js";
import { Clipper } from "./clipper.js";
import { Assets, Projects } from "./library.js";
import { Queue } from "./queue.js";
import { RETRY, type Retry } from "./retrying.js";
import { Thumbnails } from "./thumbnails.js";
import { Tokens } from "./tokens.js";

const CALL_MS = 30_000;

export interface WaveStackOptions {
  /** The core's address; where the other services are follows from its port, unless their addresses are given. */
  readonly baseUrl: string;
  /** `client_id:client_secret`, or a token. */
  readonly apiKey: string;
  readonly orgId: string;
  readonly clipperUrl?: string;
  readonly thumbnailUrl?: string;
  /** For each attempt of a call; 30 s where absent. */
  readonly timeoutMs?: number;
  /** How often calls are made again, and the pauses between. */
  readonly retry?: Partial<Retry>;
}

/** Speaks to WaveStack for an organisation. */
export class WaveStackClient {
  readonly queue: Queue;
  readonly projects: Projects;
  readonly assets: Assets;
  readonly clipper: Clipper;
  readonly thumbnails: Thumbnails;

  /** Throws TypeError for addresses that are none, and for a key or an organisation that no header can carry. */
  constructor(options: WaveStackOptions) {
    const { apiKey, baseUrl, clipperUrl, orgId, thumbnailUrl, timeoutMs = CALL_MS } = options;
    check(apiKey, "apiKey", apiKey.includes(":"));
    check(orgId, "orgId");
    if (!(timeoutMs > 0)) throw new TypeError("the timeout has to be more than 0");
    const addresses = findAddresses(baseUrl, clipperUrl, thumbnailUrl);
    const retry = { ...RETRY, ...options.retry };
    const tokens = new Tokens({ coreUrl: addresses.core, apiKey, orgId, timeoutMs, retry });
    const caller = new Caller(addresses, tokens, retry, orgId, timeoutMs);
    this.queue = new Queue(caller);
    this.projects = new Projects(caller);
    this.assets = new Assets(caller);
    this.clipper = new Clipper(caller);
    this.thumbnails = new Thumbnails(caller);
  }
}

function check(value: string, name: string, isCredentials = false): void {
  if (!value) throw new TypeError(`${name} has to be given`);
  if (!isCredentials && !/^[\x20-\x7e]+$/.test(value)) {
    throw new TypeError(`${name} has characters that no header can carry`);
  }
}
