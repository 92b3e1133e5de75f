import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createSecureContext } from "node:tls";
import type { ConfigProblem } from "../errors.ts";
import type { ParsedUpstream } from "./upstream-schema.ts";

/** An upstream with all defaults filled in: plain JSON. Times of 0 mean unlimited, or not at all. */
export interface UpstreamConfig {
  /** The key below `upstreams`, or `route /path` for one of a route's own. */
  readonly name: string;
  readonly targets: readonly TargetConfig[];
  readonly balance: BalanceConfig;
  /** -1: unlimited. */
  readonly maxConnections: number;
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

/** The files' contents: the key is a secret. */
export interface UpstreamTlsConfig {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly verify: boolean;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion: "TLSv1.2" | "TLSv1.3";
  readonly ciphers?: string;
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

/** Reads the files, and has OpenSSL look at what they hold, so that a wrong one is found now and not by a client. */
function readTls(parsed: NonNullable<ParsedUpstream["tls"]>, place: UpstreamPlace): UpstreamTlsConfig {
  const { verify, minVersion, maxVersion, servername, ciphers } = parsed;
  const before = place.problems.length;
  const tls: UpstreamTlsConfig = {
    verify,
    minVersion,
    maxVersion,
    ...(servername !== undefined && { servername }),
    ...(ciphers !== undefined && { ciphers }),
    ...(parsed.ca !== undefined && { ca: readPem("ca", parsed.ca) }),
    ...(parsed.cert !== undefined && { cert: readPem("cert", parsed.cert) }),
    ...(parsed.key !== undefined && { key: readPem("key", parsed.key) }),
  };
  const { ca, cert, key } = tls;
  if (place.problems.length > before) return tls;
  if (ca !== undefined) check(() => findCertificates(ca), "ca", "a PEM file of certificates");
  check(() => createSecureContext({ ciphers }), "ciphers", "ciphers that OpenSSL knows");
  check(() => createSecureContext({ cert, key }), "cert", "a PEM certificate and the key that belongs to it");
  return tls;

  function readPem(option: string, file: string): string {
    try {
      return readFileSync(resolve(place.dir, file), "utf8");
    } catch (error) {
      const message = `expected a file that can be read, got ${resolve(place.dir, file)}: ${(error as Error).message}`;
      place.problems.push({ path: `${place.path}.tls.${option}`, message });
      return "";
    }
  }

  function check(look: () => unknown, option: string, expected: string): void {
    try {
      look();
    } catch (error) {
      const message = `expected ${expected}, but OpenSSL says: ${(error as Error).message}`;
      place.problems.push({ path: `${place.path}.tls.${option}`, message });
    }
  }
}

/** A secure context takes a `ca` that holds none without a word. */
function findCertificates(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN [^-]*CERTIFICATE-----[^-]*-----END [^-]*CERTIFICATE-----/g) ?? [pem];
  return blocks.map((block) => new X509Certificate(block));
}
