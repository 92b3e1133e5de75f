/** What a page was asked by, as far as `same` compares it. */
export interface AskedHost {
  /** With its port. */
  readonly host: string;
  /** What a trusted proxy says of the scheme: http, https, ws or wss. */
  readonly told?: { readonly proto?: string };
}

/**
 * Whether a page of this origin may connect (RFC 6455 section 10.2, RFC 6454).
 *
 * @param origin the Origin header; undefined for what is no browser
 * @param asked what the client asked
 * @param allow patterns in lower case, as the config has them
 */
export function isOriginAllowed(
  origin: string | undefined,
  asked: AskedHost,
  { allow, isRequired }: { readonly allow: readonly string[]; readonly isRequired: boolean },
): boolean {
  if (origin === undefined) return !isRequired;
  if (allow.includes("*")) return true;
  const lower = origin.toLowerCase();
  if (lower === "null") return allow.includes("null");
  const parsed = parseOrigin(lower);
  if (parsed === undefined) return false;
  return allow.some((pattern) => (pattern === "same" ? isSame(parsed, asked) : matches(parsed, pattern)));
}

interface Origin {
  readonly scheme: string;
  readonly host: string;
  /** "" where it is the scheme's own, "*" in a pattern for any. */
  readonly port: string;
}

const OWN_PORTS: Readonly<Record<string, string>> = { http: "80", ws: "80", https: "443", wss: "443" };

/** In lower case, as browsers write it: a host is ASCII, and has no character that a URL's host may not have. */
function parseOrigin(text: string): Origin | undefined {
  const [, scheme, host, port = ""] =
    /^([a-z][a-z0-9+.-]*):\/\/(\[[0-9a-f:.]+\]|[\w.*!$&'()+,;=~-]+)(?::(\d+|\*))?$/.exec(text) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  return { scheme, host, port: port === OWN_PORTS[scheme] ? "" : port };
}

function matches(origin: Origin, pattern: string): boolean {
  const wanted = parseOrigin(pattern);
  if (wanted === undefined || origin.scheme !== wanted.scheme) return false;
  if (wanted.port !== "*" && wanted.port !== origin.port) return false;
  if (!wanted.host.startsWith("*.")) return wanted.host === origin.host;
  const suffix = wanted.host.slice(1);
  return origin.host.length > suffix.length && origin.host.endsWith(suffix);
}

/**
 * A Host without a port means the port of the page's own scheme: the gateway may stand behind what ends TLS. Where a
 * trusted proxy says what the scheme was, the page's must be that.
 */
function isSame({ scheme, host, port }: Origin, asked: AskedHost): boolean {
  const proto = asked.told?.proto;
  const own = OWN_PORTS[scheme];
  if (proto !== undefined && OWN_PORTS[proto] !== own) return false;
  const named = asked.host.toLowerCase();
  const bare = port === "" ? host : `${host}:${port}`;
  return named === bare || (port === "" && own !== undefined && named === `${host}:${own}`);
}
