import { CapabilityError } from "./errors.ts";

/** What policies may do, by name or pattern of theirs. Plain data. */
export type Grants = Readonly<Record<string, Grant>>;

export interface Grant {
  readonly fetch?: FetchGrant;
  readonly kv?: { readonly namespace?: string };
  /** Who may keep values may count as well: `kv` grants it, too. */
  readonly rates?: { readonly namespace?: string };
  /** Names of secrets. */
  readonly secrets?: readonly string[];
  readonly alert?: true;
}

export interface FetchGrant {
  /** `example.com`, `*.example.com`, `*`, each with or without a port (`*` for any); without: the scheme's own. */
  readonly hosts: readonly string[];
  /** Upper case. */
  readonly methods: readonly string[];
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  readonly timeoutMs: number;
  /** Whether addresses of private networks, of this machine and of the link may be dialled. */
  readonly private: boolean;
}

/** The grant of a policy: its own, else that of the longest pattern that fits. Grants do not add up. */
export function findGrant(grants: Grants, policy: string): Grant | undefined {
  if (Object.hasOwn(grants, policy)) return grants[policy];
  const fitting = Object.keys(grants)
    .filter((pattern) => pattern.endsWith("*") && policy.startsWith(pattern.slice(0, -1)))
    .sort((a, b) => b.length - a.length);
  return fitting[0] === undefined ? undefined : grants[fitting[0]];
}

/** The error for what is not granted: it says what to write into the config. */
export function notGranted(what: string, policy: string, grant: string): CapabilityError {
  return new CapabilityError(
    "NotGrantedError",
    `${what} is not granted: add grants: { ${JSON.stringify(policy)}: { ${grant} } } to the config`,
  );
}

const PACK_POLICY = /^(@[a-z0-9][a-z0-9._-]*\/[a-z0-9][a-z0-9._-]*)\/./;

/**
 * The policies of one pack share their keys, under its name; those of a folder have their own. What is written like a
 * pack and is a file of the folder has a name that no pack can have.
 */
export function namespaceOf(policy: string): string {
  const [, pack] = PACK_POLICY.exec(policy) ?? [];
  return pack ?? (policy.startsWith("@") ? `./${policy}` : policy);
}

/** Does this host, on this port, fit the pattern? */
export function fitsHost(pattern: string, url: URL): boolean {
  const [, host = "", port] = /^(.*?)(?::(\d+|\*))?$/.exec(pattern.toLowerCase()) ?? [];
  const own = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  const wanted = port ?? (url.protocol === "https:" ? "443" : "80");
  if (wanted !== "*" && wanted !== own) return false;
  const name = url.hostname.replace(/\.$/, "");
  if (host === "*") return true;
  return host.startsWith("*.")
    ? name.endsWith(host.slice(1)) && name.length > host.length - 1
    : name === host;
}
