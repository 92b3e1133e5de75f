import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { eventually } from "../eventually.ts";
import { quietPorts } from "./quiet-ports.ts";
import { startRedis, type TestRedis } from "./redis.ts";

export interface TestSentinels {
  /** For `cluster.url` of a config. */
  readonly url: string;
  readonly primary: TestRedis;
  readonly replica: TestRedis;
  readonly sentinels: readonly TestRedis[];
  stop(): void;
}

export interface SetUsers {
  /** Lines of servers that make a user; the servers themselves go by the default one. */
  readonly redis: string;
  readonly sentinel: string;
}

/** A primary, a replica that has caught up with it, and three sentinels that know of both. */
export async function startSentinels(users: SetUsers): Promise<TestSentinels> {
  const [port = 0, replicaPort = 0, ...sentinelPorts] = await quietPorts(5);
  const primary = await startRedis({ port, lines: [users.redis, "repl-diskless-sync-delay 0"] });
  const replica = await startRedis({
    port: replicaPort,
    lines: [users.redis, `replicaof 127.0.0.1 ${port}`],
  });
  await eventually("the replica has caught up", () =>
    replica.ask("INFO", "replication").includes("master_link_status:up"),
  );
  const sentinels = await Promise.all(
    sentinelPorts.map((each) =>
      startRedis({
        port: each,
        lines: [
          users.sentinel,
          `sentinel monitor main 127.0.0.1 ${port} 2`,
          "sentinel down-after-milliseconds main 500",
          "sentinel failover-timeout main 1500",
        ],
        flags: ["--sentinel"],
      }),
    ),
  );
  await eventually("the sentinels know of all", () =>
    sentinels.every((sentinel) => {
      const about = sentinel.ask("SENTINEL", "MASTER", "main").split("\n");
      const fieldOf = (name: string) => about[about.indexOf(name) + 1];
      return fieldOf("num-slaves") === "1" && fieldOf("num-other-sentinels") === "2";
    }),
  );
  return {
    url: `redis+sentinel://${sentinelPorts.map((each) => `127.0.0.1:${each}`).join(",")}/main`,
    ...{ primary, replica, sentinels },
    stop() {
      for (const each of [...sentinels, replica, primary]) each.stop();
    },
  };
}

export interface TestCluster {
  /** For `cluster.url` of a config. */
  readonly url: string;
  /** Primaries first. */
  readonly nodes: readonly TestRedis[];
  /** From one of the nodes to another, with the keys that they have. */
  moveSlots(move: { readonly from: number; readonly to: number; readonly count: number }): Promise<void>;
  stop(): void;
}

/** Three primaries, each with so many replicas. */
export async function startRedisCluster(replicas: number, users: SetUsers): Promise<TestCluster> {
  const ports = await quietPorts(6 * (1 + replicas));
  const addresses: string[] = [];
  const nodes: TestRedis[] = [];
  for (let i = 0; i < ports.length; i += 2) {
    const [port = 0, bus = 0] = ports.slice(i);
    addresses.push(`127.0.0.1:${port}`);
    nodes.push(
      await startRedis({
        port,
        lines: [
          users.redis,
          "cluster-enabled yes",
          `cluster-port ${bus}`,
          "cluster-node-timeout 1000",
          "repl-diskless-sync-delay 0",
        ],
      }),
    );
  }
  await administer("create", ...addresses, "--cluster-replicas", String(replicas), "--cluster-yes");
  await eventually("the nodes agree", () =>
    nodes.every((node) => node.ask("CLUSTER", "INFO").includes("cluster_state:ok")),
  );
  return {
    url: `redis+cluster://${addresses.slice(0, 3).join(",")}`,
    nodes,
    async moveSlots({ from, to, count }) {
      const [source = "", target = ""] = [from, to].map((index) => nodes[index]?.ask("CLUSTER", "MYID"));
      await administer(
        ...["reshard", addresses[0] ?? "", "--cluster-from", source, "--cluster-to", target],
        ...["--cluster-slots", String(count), "--cluster-yes"],
      );
    },
    stop() {
      for (const node of nodes) node.stop();
    },
  };
}

async function administer(...args: readonly string[]): Promise<void> {
  await promisify(execFile)("redis-cli", ["--cluster", ...args]);
}
