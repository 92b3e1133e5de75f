/** The pack `@acme/guard` has the policy `@acme/guard/redact`. */
export interface PackPolicyName {
  readonly pack: string;
  readonly policy: string;
}

/** What comes with the gateway itself: `@framegate/standard/jwt`. */
export const OWN_PACKS = ["@framegate/standard", "@framegate/xml"] as const;

// No dot at an end: on Windows `guard.` is the folder of `guard`, and two packs would be one.
const PACK = /^@[a-z0-9](?:[a-z0-9._-]*[a-z0-9_-])?\/[a-z0-9](?:[a-z0-9._-]*[a-z0-9_-])?$/;
const POLICY = /^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)*$/;

/** Scoped names only: `guard/redact` is a file of the policies folder. */
export function isPackName(name: string): boolean {
  return name.length <= 214 && PACK.test(name) && !name.includes("..");
}

export function isPolicyName(name: string): boolean {
  return name.length <= 200 && POLICY.test(name) && !/\.(?:\.|\/|$)/.test(name);
}

export function isOwnPack(pack: string): boolean {
  return (OWN_PACKS as readonly string[]).includes(pack);
}

/** Undefined for a policy of the folder. */
export function parsePolicyName(name: string): PackPolicyName | undefined {
  const [scope, base, ...rest] = name.split("/");
  const pack = `${scope}/${base}`;
  const policy = rest.join("/");
  return isPackName(pack) && isPolicyName(policy) ? { pack, policy } : undefined;
}
