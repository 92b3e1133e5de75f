/** Where a URL leads, whether http or ws was written. */
export interface Endpoint {
  readonly tls: boolean;
  /** As URLs have it: an IPv6 address in brackets. */
  readonly host: string;
  readonly port: number;
}

/** @returns undefined for another scheme than http, https, ws and wss, and for a URL without a host */
export function endpointOf({ protocol, hostname, port }: URL): Endpoint | undefined {
  const tls = TLS_BY_SCHEME.get(protocol);
  if (tls === undefined || hostname === "") return undefined;
  return { tls, host: hostname, port: port === "" ? ownPort(tls) : Number(port) };
}

/** The port that may be left out. */
export function ownPort(tls: boolean): number {
  return tls ? 443 : 80;
}

const TLS_BY_SCHEME: ReadonlyMap<string, boolean> = new Map([
  ["http:", false],
  ["ws:", false],
  ["https:", true],
  ["wss:", true],
]);
