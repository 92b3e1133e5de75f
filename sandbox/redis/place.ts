/** One server. */
export type RedisAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** What a URL says of where Redis is. */
export interface RedisPlace {
  readonly kind: "single" | "sentinel" | "cluster";
  /** The server, or sentinels, or some of a cluster's nodes. */
  readonly servers: readonly RedisAddress[];
  readonly tls: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly database: number;
  /** What sentinels call the primary. */
  readonly primary?: string;
}

const SERVERS = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^/]*)@)?([^/@?#\s]+)((?:\/[^/?#\s]*){0,2})$/;
const SOCKET = /^unix:\/\/(?:([^/]*)@)?(\/[^?#\s]*[^/?#\s])(?:\?db=(\d+))?$/;
const HOST = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/;
const SERVER_PORT = 6379;
const SENTINEL_PORT = 26_379;

/**
 * `redis://user:password@host:6379/0`, `unix:///run/redis.sock?db=0`, `redis+sentinel://host,host/primary/0` and
 * `redis+cluster://host,host`, and those of `rediss` with TLS. Undefined when it is none.
 */
export function parseRedisUrl(url: string): RedisPlace | undefined {
  try {
    return url.startsWith("unix:") ? parseSocket(url) : parseServers(url);
  } catch (error) {
    // A wrong percent sign.
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function parseSocket(url: string): RedisPlace | undefined {
  const [, login, path, database = "0"] = SOCKET.exec(url) ?? [];
  if (path === undefined) return undefined;
  const servers = [{ path: decodeURIComponent(path) }];
  return { kind: "single", servers, tls: false, database: Number(database), ...parseLogin(login) };
}

function parseServers(url: string): RedisPlace | undefined {
  const [, scheme, kind = "single", login, hosts, path] = SERVERS.exec(url) ?? [];
  if (hosts === undefined || path === undefined) return undefined;
  const servers = hosts
    .split(",")
    .map((host) => parseHost(host, kind === "sentinel" ? SENTINEL_PORT : SERVER_PORT));
  const [, ...parts] = path.split("/").map(decodeURIComponent);
  const shared = { servers: servers.filter((server) => server !== undefined), tls: scheme === "rediss" };
  if (shared.servers.length < servers.length) return undefined;
  if (kind === "sentinel") {
    const [primary = "", database = ""] = parts;
    return primary !== "" && isDatabase(database)
      ? { kind, ...shared, primary, database: Number(database), ...parseLogin(login) }
      : undefined;
  }
  const [database = "", more] = parts;
  if (more !== undefined || !isDatabase(database)) return undefined;
  if (kind === "cluster")
    return Number(database) === 0 ? { kind, ...shared, database: 0, ...parseLogin(login) } : undefined;
  return servers.length === 1
    ? { kind: "single", ...shared, database: Number(database), ...parseLogin(login) }
    : undefined;
}

function isDatabase(text: string): boolean {
  return /^\d{0,5}$/.test(text);
}

function parseHost(text: string, defaultPort: number): RedisAddress | undefined {
  const [, host, port] = HOST.exec(text) ?? [];
  if (host === undefined) return undefined;
  const number = port === undefined ? defaultPort : Number(port);
  if (number < 1 || number > 65_535) return undefined;
  return { host: decodeURIComponent(host.replace(/^\[(.*)\]$/, "$1")), port: number };
}

function parseLogin(login = ""): Pick<RedisPlace, "user" | "password"> {
  const [user = "", ...rest] = login.split(":");
  const password = rest.join(":");
  return {
    ...(user !== "" && { user: decodeURIComponent(user) }),
    ...(password !== "" && { password: decodeURIComponent(password) }),
  };
}
