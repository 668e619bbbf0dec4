// Tokens: the one that the caller has, or those that a client's id and secret are exchanged for.

import { parse } from "./reading.js";
import type { Retry } from "./retrying.js";
import { sendUntilAnswered } from "./sending.js";

const EARLY_MS = 60_000;

export interface Identity {
  readonly coreUrl: string;
  /** A token, or `client_id:client_secret`. */
  readonly apiKey: string;
  readonly orgId: string;
  readonly timeoutMs: number;
  readonly retry: Retry;
}

interface Token {
  readonly value: string;
  readonly staleAt: number;
}

/**
 * Has a token whenever one is needed.
 *
 * A client's id and secret are exchanged for the first call, before a token expires, and when the service no longer
 * takes it. Callers at the same time share one exchange.
 */
export class Tokens {
  readonly renewable: boolean;
  private current: Promise<Token> | undefined;

  constructor(private readonly identity: Identity) {
    this.renewable = identity.apiKey.includes(":");
  }

  /** Returns a token that is good for a while. Throws what the exchange of credentials throws. */
  async get(): Promise<string> {
    if (!this.renewable) return this.identity.apiKey;
    const known = this.current;
    if (known !== undefined) {
      const token = await known;
      if (performance.now() < token.staleAt) return token.value;
      if (this.current === known) this.current = undefined;
    }
    this.current ??= this.exchange();
    const started = this.current;
    try {
      return (await started).value;
    } catch (error) {
      if (this.current === started) this.current = undefined;
      throw error;
    }
  }

  /** Forgets a token that the service did not take. */
  async discard(value: string): Promise<void> {
    const known = this.current;
    if (known === undefined) return;
    const token = await known.catch(() => undefined);
    if (this.current === known && (token === undefined || token.value === value)) this.current = undefined;
  }

  private async exchange(): Promise<Token> {
    const { apiKey, coreUrl, orgId, retry, timeoutMs } = this.identity;
    const colon = apiKey.indexOf(":");
    const body = { client_id: apiKey.slice(0, colon), client_secret: apiKey.slice(colon + 1), org_id: orgId };
    const askedAt = performance.now();
    const request = {
      method: "POST",
      url: `${coreUrl}/api/auth/token`,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    };
    const answer = await sendUntilAnswered(request, retry, { timeoutMs, repeatable: true });
    const fields = parse(answer.body);
    const lifetimeMs = fields.number("expires_in") * 1000;
    // A token that lives shorter than the margin is used for half of its life.
    return { value: fields.text("access_token"), staleAt: askedAt + Math.max(lifetimeMs - EARLY_MS, lifetimeMs / 2) };
  }
}
