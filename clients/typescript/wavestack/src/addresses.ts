// Where the services of WaveStack are, from where its core is.

const CORE = 3000;
const CLIPPER = 8000;
const THUMBNAIL = 8400;
const LAST_PORT = 65535;

/** The base URLs of the services, without a slash at their end; "" for one that is not known. */
export interface Addresses {
  readonly core: string;
  readonly clipper: string;
  readonly thumbnail: string;
}

export type Service = keyof Addresses;

/**
 * Reads the address of the core and finds the others: their documented ports, shifted as the core's is.
 *
 * A core at port 13000 has its clipper at 18000. An address without a port, or with one below 3000, says nothing of
 * the others. Throws TypeError for what is no http or https URL.
 */
export function findAddresses(baseUrl: string, clipperUrl?: string, thumbnailUrl?: string): Addresses {
  return {
    core: checked(baseUrl, "baseUrl").href.replace(/\/+$/, ""),
    clipper: clipperUrl ? checked(clipperUrl, "clipperUrl").href.replace(/\/+$/, "") : beside(baseUrl, CLIPPER),
    thumbnail: thumbnailUrl
      ? checked(thumbnailUrl, "thumbnailUrl").href.replace(/\/+$/, "")
      : beside(baseUrl, THUMBNAIL),
  };
}

function checked(url: string, name: string): URL {
  const parts = URL.canParse(url) ? new URL(url) : undefined;
  if (parts === undefined || !["http:", "https:"].includes(parts.protocol)) {
    throw new TypeError(`${name} is not an http or https URL: ${url}`);
  }
  if (parts.search || parts.hash || parts.username || parts.password) {
    throw new TypeError(`${name} has more than a host, a port and a path`);
  }
  return parts;
}

function beside(baseUrl: string, documented: number): string {
  const parts = new URL(baseUrl);
  const port = Number(parts.port || 0) - CORE + documented;
  return port < documented || port > LAST_PORT ? "" : `${parts.protocol}//${parts.hostname}:${port}`;
}
