import { fileURLToPath } from "node:url";
import { hasPackage, NPM_HINT } from "./installed.ts";
import type { Peer } from "./peer.ts";
import { findFreePort, startProgram } from "./program.ts";

interface NodeRelay {
  readonly id: string;
  readonly title: string;
  readonly isUsual?: boolean;
  readonly rewrites?: boolean;
  readonly only?: readonly string[];
  /** Of `bench/package.json`. */
  readonly packages?: readonly string[];
  readonly script: string;
  readonly modes?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const PLAIN = { WS_NO_BUFFER_UTIL: "1" };

/** Of text in short frames, one message or many. */
const ASKED = ["64x50x32", "64x50x1", "1Kx50x32", "1Kx50x1", "64x1x1", "5000/s"];

/** Relays that one writes in ten minutes, with what npm has. */
const RELAYS: readonly NodeRelay[] = [
  { id: "node-net", title: "a relay on `node:net` that parses nothing", script: "net.ts" },
  { id: "node-http", title: "a relay on `node:http` that looks at no frame", script: "http-net.ts" },
  {
    id: "node-http-hop",
    title: "the same, which asks another process about each upgrade",
    script: "http-net.ts",
    modes: ["hop"],
  },
  {
    ...{ id: "node-upgrades", title: "plain Node that does of an upgrade what a gateway must" },
    ...{ script: "upgrades/relay.ts", only: ["upgrades"] },
  },
  {
    ...{ id: "node-upgrades-hook", title: "the same with a hook in an isolate of another process" },
    ...{ script: "upgrades/relay.ts", modes: ["hook"], only: ["upgrades"] },
  },
  {
    ...{
      id: "node-looks",
      title: "plain Node that asks another process, with an isolate, about each message",
    },
    ...{ script: "asks/relay.ts", modes: ["looks"], only: ASKED },
  },
  {
    ...{ id: "node-chain-5", title: "the same with five isolates, one after the other in one trip" },
    ...{ script: "asks/relay.ts", modes: ["looks", "5"], only: ASKED },
  },
  {
    ...{ id: "node-sets", title: "plain Node that tells such a process of each message, and sets a member" },
    ...{ script: "asks/relay.ts", modes: ["sets"], rewrites: true, only: ASKED },
  },
  {
    ...{
      id: "node-rewrites",
      title: "plain Node whose messages such a process parses, changes and serialises",
    },
    ...{ script: "asks/relay.ts", modes: ["rewrites"], rewrites: true, only: ASKED },
  },
  { id: "ws", title: "plain `ws` relay", isUsual: true, script: "ws.ts", env: PLAIN },
  {
    ...{ id: "ws-policy", title: "plain `ws` relay with the policy, no sandbox", isUsual: true },
    ...{ script: "ws.ts", modes: ["policy"], rewrites: true, env: PLAIN },
  },
  {
    ...{ id: "ws-corked", title: "`ws`, corked, bufferutil, with the policy, no sandbox" },
    ...{ script: "ws.ts", modes: ["policy", "cork"], rewrites: true, packages: ["ws", "bufferutil"] },
  },
  {
    ...{ id: "http-proxy", title: "http-proxy-3", script: "http-proxy.ts" },
    packages: ["http-proxy-3"],
  },
];

export const nodeRelays: readonly Peer[] = RELAYS.map(
  ({ id, title, isUsual = false, rewrites = false, packages = [], script, modes = [], env, only }) => ({
    id,
    title,
    isUsual,
    rewrites,
    reloads: false,
    ...(only && { only }),
    missing: () => (packages.every(hasPackage) ? undefined : NPM_HINT),
    async start(upstream) {
      const port = await findFreePort();
      const file = fileURLToPath(new URL(`relays/${script}`, import.meta.url));
      const args = ["--no-warnings", file, String(port), String(upstream.port), ...modes];
      return startProgram({ command: process.execPath, args, port, ...(env && { env }) });
    },
  }),
);
