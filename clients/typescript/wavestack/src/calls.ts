// Calls to the services: the address, who calls, the body, and one more try with a new token.

import type { Addresses, Service } from "./addresses.js";
import { UnauthorizedError } from "./errors.js";
import { type Fields, parse } from "./reading.js";
import type { Deadline, Retry } from "./retrying.js";
import { sendUntilAnswered } from "./sending.js";
import type { Tokens } from "./tokens.js";

/** What to ask of which service. What is undefined in `query` and `body` is left out. */
export interface Call {
  readonly service: Service;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Whether calling twice does what calling once does. */
  readonly repeatable?: boolean;
  /** Whether a 404 to the second of two calls is what the first brought about. */
  readonly goneIsDone?: boolean;
  /** How long it may take where that is not as usual. */
  readonly timeoutMs?: number | undefined;
}

/** Makes calls for an organisation. */
export class Caller {
  constructor(
    readonly addresses: Addresses,
    readonly tokens: Tokens,
    readonly retry: Retry,
    readonly orgId: string,
    readonly timeoutMs: number,
  ) {}

  /** Makes a call and returns the object that is answered. */
  async call(call: Call, deadline?: Deadline): Promise<Fields> {
    const url = this.url(call);
    const body = call.body === undefined ? undefined : JSON.stringify(finite(call.body));
    const how = {
      timeoutMs: call.timeoutMs ?? this.timeoutMs,
      repeatable: call.repeatable ?? false,
      goneIsDone: call.goneIsDone ?? false,
      deadline,
    };
    for (let isLast = !this.tokens.renewable; ; isLast = true) {
      const token = await this.tokens.get();
      const headers = this.headers(token, body !== undefined);
      try {
        const request = { method: call.method, url, headers, body };
        return parse((await sendUntilAnswered(request, this.retry, how)).body);
      } catch (error) {
        if (isLast || !(error instanceof UnauthorizedError)) throw error;
        await this.tokens.discard(token);
      }
    }
  }

  /** Throws TypeError where the service's address is not known. */
  url(call: Call): string {
    const base = this.addresses[call.service];
    if (!base) {
      throw new TypeError(`the base URL does not say where the ${call.service} is: give ${call.service}Url`);
    }
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) query.set(name, String(value));
    }
    return query.size > 0 ? `${base}${call.path}?${query}` : `${base}${call.path}`;
  }

  headers(token: string, hasBody = false): Record<string, string> {
    const headers = { Authorization: `Bearer ${token}`, "X-Org-Id": this.orgId, Accept: "application/json" };
    return hasBody ? { ...headers, "Content-Type": "application/json" } : headers;
  }
}

/** Returns an id as one segment of a path. Throws TypeError for what cannot be one. */
export function segment(value: string): string {
  if (["", ".", ".."].includes(value)) throw new TypeError(`'${value}' cannot be an id`);
  return encodeURIComponent(value);
}

/** Returns the values; throws TypeError for numbers that JSON would turn into null. */
function finite(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${name} is not a finite number`);
  }
  return values;
}
