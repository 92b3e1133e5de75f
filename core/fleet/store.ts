import { openRedisLink, type RedisLink, type RedisLogin } from "../../sandbox/index.ts";
import { type ClusterConfig, type ConfigProblem, invalidConfig, readSecret } from "../config/index.ts";
import type { EmitEvent } from "../events.ts";

/** What the gateways of a fleet share: one link a machine, the supervisor's. */
export interface FleetStore extends RedisLink {
  /** Of the fleet. */
  readonly name: string;
  /** Of this gateway. */
  readonly node: string;
  /**
   * The name of a key or a channel. All keys that one script touches have the same tag, and no two things that are counted
   * apart: the nodes of a Redis Cluster share them by tag.
   */
  key(tag: string, ...rest: readonly string[]): string;
}

/** Connects in the background. @throws ConfigError when a password cannot be read */
export function openFleetStore(
  cluster: ClusterConfig,
  file: string | undefined,
  emit: EmitEvent,
): FleetStore {
  const { url, name, node, sentinel, tls } = cluster;
  const problems: ConfigProblem[] = [];
  const login = readLogin(cluster, "cluster", problems);
  const sentinelLogin = readLogin(sentinel ?? {}, "cluster.sentinel", problems);
  if (problems.length > 0) throw invalidConfig(file ?? "the config", problems);
  const link = openRedisLink({
    url,
    login,
    sentinelLogin,
    ...(tls && { tls }),
    onLost: (reason) => emit({ type: "cluster-lost", cluster: name, reason }),
    onBack: () => emit({ type: "cluster-back", cluster: name }),
  });
  return { ...link, name, node, key: (tag, ...rest) => [name, `{${tag}}`, ...rest].join(":") };
}

function readLogin(
  { user, password }: Pick<ClusterConfig, "user" | "password">,
  path: string,
  problems: ConfigProblem[],
): RedisLogin {
  try {
    return { ...(user !== undefined && { user }), ...(password && { password: readSecret(password) }) };
  } catch (error) {
    problems.push({ path: `${path}.password`, message: (error as Error).message });
    return {};
  }
}
