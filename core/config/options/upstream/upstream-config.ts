import type { OnStoreLoss } from "../../../../sandbox/rates/claim.ts";
import type { ConfigProblem } from "../../errors.ts";
import type { ParsedUpstream } from "./upstream-schema.ts";
import { readTls, type UpstreamTlsConfig } from "./upstream-tls.ts";

/** An upstream with all defaults filled in: plain JSON. Times of 0 mean unlimited, or not at all. */
export interface UpstreamConfig {
  /** The key below `upstreams`, or `route /path` for one of a route's own. */
  readonly name: string;
  readonly targets: readonly TargetConfig[];
  readonly balance: BalanceConfig;
  /** -1: unlimited. */
  readonly maxConnections: number;
  /** Of `maxConnections`. */
  readonly onStoreLoss: OnStoreLoss;
  readonly queue: { readonly size: number; readonly timeoutMs: number };
  readonly retries: number;
  /** Name of the upstream that stands in for it. */
  readonly onFailure?: string;
  readonly health: HealthConfig;
  readonly tls?: UpstreamTlsConfig;
  readonly dnsMaxAgeMs: number;
  readonly redirects: number;
  readonly proxy?: string;
}

export interface TargetConfig {
  readonly url: string;
  readonly socket?: string;
  readonly weight: number;
  readonly priority: number;
}

export type BalanceConfig =
  | { readonly kind: "round-robin" | "least-connections" | "fastest" }
  | {
      readonly kind: "hash";
      readonly by: "address" | "header" | "param" | "attribute";
      readonly name: string;
    };

export interface HealthConfig {
  /** 0: no ejection. */
  readonly failures: number;
  readonly ejectMs: number;
  readonly maxEjectMs: number;
  readonly slowStartMs: number;
  readonly check?: CheckConfig;
}

export interface CheckConfig {
  readonly probe: "http" | "upgrade";
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly expect: number;
}

/** Where an upstream stands in a config, and what becomes of its problems. */
export interface UpstreamPlace {
  /** What relative paths are relative to. */
  readonly dir: string;
  /** `upstreams.orders` */
  readonly path: string;
  readonly problems: ConfigProblem[];
}

export function resolveUpstream(parsed: ParsedUpstream, name: string, place: UpstreamPlace): UpstreamConfig {
  const { health, tls, proxy } = parsed;
  return {
    name,
    targets: parsed.targets ?? [{ url: parsed.url ?? "", weight: 1, priority: 0 }],
    balance: readBalance(parsed.balance),
    maxConnections: parsed.maxConnections,
    onStoreLoss: parsed.onStoreLoss,
    queue: { size: parsed.queue.size, timeoutMs: parsed.queue.timeout },
    retries: parsed.retry.attempts,
    ...(parsed.onFailure !== undefined && { onFailure: parsed.onFailure }),
    health: {
      failures: health.failures,
      ejectMs: health.eject,
      maxEjectMs: Math.max(health.eject, health.maxEject),
      slowStartMs: health.slowStart,
      ...(health.check !== undefined && { check: readCheck(health.check) }),
    },
    ...(tls !== undefined && { tls: readTls(tls, place) }),
    dnsMaxAgeMs: parsed.dns.maxAge,
    redirects: parsed.redirects,
    ...(proxy !== undefined && { proxy }),
  };
}

function readBalance(balance: ParsedUpstream["balance"]): BalanceConfig {
  if (typeof balance === "string") return { kind: balance };
  const [by, ...rest] = balance.hash.split(":");
  const name = rest.join(":");
  return {
    kind: "hash",
    by: by as "address" | "header" | "param" | "attribute",
    name: by === "header" ? name.toLowerCase() : name,
  };
}

function readCheck(check: NonNullable<ParsedUpstream["health"]["check"]>): CheckConfig {
  const { probe, path, interval, timeout, expect } = check;
  return {
    probe,
    path,
    intervalMs: interval,
    timeoutMs: timeout,
    expect: probe === "upgrade" ? 101 : expect,
  };
}
