import { join } from "node:path";
import type { ConfigInput } from "../../core/index.ts";
import { makeGatewayFolder } from "../lib/gateway-folder.ts";
import { type FramegateRow, framegateRows } from "./framegate-rows.ts";
import type { Peer, RunningPeer, Upstream } from "./peer.ts";
import { findFreePort, startProgram } from "./program.ts";

/** A checkout of Framegate. */
export interface Tree {
  readonly root: string;
  /** `dist/cli/main.js` once it is built, as users have it; `cli/main.ts` for the source as it stands. */
  readonly main: string;
  /** What runs it. */
  readonly node: string;
  /** What its rows have at the end of their ids and titles: `@REV`, or nothing. */
  readonly suffix: string;
}

/** `framegate start` in as many ways as there are rows; each of all checkouts, next to each other. */
export function framegatePeers(trees: readonly Tree[]): readonly Peer[] {
  return framegateRows.flatMap((row) => trees.map((tree) => peerOf(tree, row)));
}

function peerOf(tree: Tree, row: FramegateRow): Peer {
  return {
    id: row.id + tree.suffix,
    title: `**Framegate${tree.suffix}**, ${row.title}`,
    isUsual: row.isUsual ?? false,
    rewrites: row.rewrites ?? false,
    rewritesServer: row.rewritesServer ?? false,
    reloads: row.reload !== undefined,
    ...(row.only && { only: row.only }),
    missing: () => undefined,
    start: (upstream) => start(tree, row, upstream),
  };
}

async function start(tree: Tree, row: FramegateRow, upstream: Upstream): Promise<RunningPeer> {
  const port = await findFreePort();
  const url = `ws://127.0.0.1:${upstream.port}`;
  const paths = row.paths ?? ["/"];
  const config: Omit<ConfigInput, "policies"> = {
    listen: [{ host: "127.0.0.1", port }],
    workers: 1,
    log: { level: "error" },
    ...row.config,
    routes: paths.map((path, index) => ({ path, upstream: url, ...row.route(index) })),
  };
  const folder = await makeGatewayFolder(row.policies, config);
  const running = await startProgram({
    command: tree.node,
    args: ["--no-warnings", join(tree.root, tree.main), "start"],
    cwd: folder.path,
    port,
    cleanUp: folder.remove,
  });
  const { reload } = row;
  return {
    ...running,
    paths,
    ...(reload && { reload: (version: number) => folder.save(reload.policy, reload.source(version)) }),
  };
}
