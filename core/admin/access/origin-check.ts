import { isIP } from "node:net";
import { type ConsoleConfig, isLoopback } from "../../config/index.ts";

/**
 * Whether the console may be reached by this name. A page elsewhere can let its own name point to this address (DNS
 * rebinding) and is then of one origin with us, but for the Host header, which still has that name. An address in its
 * place is no such name.
 */
export function isKnownHost(
  header: string | undefined,
  config: Pick<ConsoleConfig, "host" | "hosts">,
): boolean {
  const host = hostOf(header);
  if (host === undefined) return false;
  if (isLoopback(host) || host === config.host.toLowerCase()) return true;
  if (config.hosts?.includes(host)) return true;
  return isIP(host) !== 0 && !isLoopback(config.host);
}

/** Whether a page of another origin sent it. No Origin: not a page, or one that only looks. */
export function isForeignOrigin(headers: {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  readonly fetchSite?: string | undefined;
}): boolean {
  const { origin, host, fetchSite } = headers;
  if (fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none") return true;
  if (origin === undefined) return false;
  const parsed = URL.parse(origin);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return true;
  return parsed.host !== host?.toLowerCase();
}

/** `[::1]:9090` → `::1`; undefined for what is no host. */
function hostOf(header: string | undefined): string | undefined {
  const [, address, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d+)?$/i.exec(header ?? "") ?? [];
  return (address ?? name?.replace(/\.$/, ""))?.toLowerCase();
}
