import { createHash } from "node:crypto";
import type { GatewayConfig } from "../config/index.ts";
import type { NodeReport } from "../fleet/report.ts";

type Told = Pick<NodeReport, "config" | "options">;

/**
 * Of what the config says of all nodes alike: where it lies, what this node is called and which addresses it has are its
 * own.
 */
export function createConfigDigests(): (config: GatewayConfig) => Told {
  let last: GatewayConfig | undefined;
  let told: Told = { config: "", options: [] };
  return (config) => {
    if (config === last) return told;
    told = digestConfig(config);
    last = config;
    return told;
  };
}

export function digestConfig({
  file: _,
  policiesDir: __,
  cluster: ___,
  // Told as what they are part of.
  secretTexts: ____,
  listen,
  console: page,
  ...shared
}: GatewayConfig): Told {
  const alike = {
    ...shared,
    listen: listen.map(withoutAddress),
    console: page && withoutAddress(page),
  };
  const byName = Map.groupBy(Object.entries(alike), ([key]) => WRITTEN[key] ?? key);
  return {
    config: digestOf(alike),
    options: [...byName].map(([name, parts]) => ({ name, digest: digestOf(parts) })),
  };
}

/** What an option is called where a person writes it, if otherwise. */
const WRITTEN: Readonly<Record<string, string>> = {
  capabilities: "grants, secrets",
  connectAllow: "connect",
  workerSilenceMs: "workerSilence",
  traces: "telemetry",
  metrics: "telemetry",
  upstreamOverride: "--echo",
};

const SHOWN_DIGITS = 12;

function digestOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("hex")
    .slice(0, SHOWN_DIGITS);
}

function withoutAddress(listener: object): object {
  return { ...listener, host: undefined, port: undefined, socket: undefined };
}
