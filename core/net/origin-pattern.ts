import { endpointOf, ownPort } from "./endpoint.ts";

/** Scheme, host and port, compared without regard to whether http or ws was written. */
export interface OriginPattern {
  readonly tls: boolean;
  /** `*` any, `*.x` whatever ends in `.x`, or one host. */
  readonly host: string;
  /** undefined: any. */
  readonly port: number | undefined;
}

/** `https://*.orders.internal`, `http://127.0.0.1:*`, `wss://*:8443`; undefined for what is no such pattern. */
export function parseOriginPattern(text: string): OriginPattern | undefined {
  const [, scheme, host, port] =
    /^(https?|wss?):\/\/(\[[0-9a-f:.]+\]|[^/?#@:[\]\s]+)(?::(\d{1,5}|\*))?\/?$/i.exec(text) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  const tls = /s$/i.test(scheme);
  // The URL parser writes a host in its one form, so that 127.1 and 0x7f.0.0.1 are what they stand for.
  const fixed = host === "*" ? "" : host.replace(/^\*\.(?=.)/, "");
  if (fixed.includes("*")) return undefined;
  const canonical = fixed === "" ? "" : URL.parse(`http://${fixed}`)?.hostname;
  if (canonical === undefined || (port !== undefined && Number(port) > 65_535)) return undefined;
  return {
    tls,
    host: host.slice(0, host.length - fixed.length) + canonical,
    port: port === "*" ? undefined : Number(port ?? ownPort(tls)),
  };
}

/** @param url one that `new URL` takes */
export function matchesOrigin(pattern: OriginPattern, url: URL): boolean {
  const endpoint = endpointOf(url);
  if (endpoint === undefined || pattern.tls !== endpoint.tls) return false;
  if (pattern.port !== undefined && pattern.port !== endpoint.port) return false;
  if (pattern.host === "*") return true;
  if (pattern.host.startsWith("*.")) return endpoint.host.endsWith(pattern.host.slice(1));
  return pattern.host === endpoint.host;
}
