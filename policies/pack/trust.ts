import { PoliciesError } from "../error.ts";
import { type CapabilityJson, missingCapabilities } from "./capabilities.ts";
import type { LockedPack } from "./lock.ts";
import type { Pack } from "./pack.ts";
import { readPublicKey, type Signer } from "./signature.ts";
import { compareVersions } from "./version.ts";

/** Which packs are believed. */
export interface PackRules {
  /**
   * - `signed`: signed by one of `keys`, and what the lock names
   * - `locked`: what the lock names
   * - `none`: whatever lies there
   *
   * A .tgz in the policies folder is taken without the lock as any file there is, as long as it asks for nothing.
   */
  readonly require: "signed" | "locked" | "none";
  /** Names and public keys, as `ed25519:` and base64. */
  readonly keys: Readonly<Record<string, string>>;
  /** Nothing that the lock does not name. */
  readonly frozen: boolean;
}

export const DEFAULT_RULES: PackRules = { require: "locked", keys: {}, frozen: false };

/** Where a pack lies: unpacked by `framegate add`, or as an archive that somebody put into the policies folder. */
export type PackOrigin =
  | { readonly kind: "installed" }
  | { readonly kind: "dropped"; readonly integrity: string };

/** Throws a PoliciesError (`ERR_PACK_…`) when the pack must not be loaded. */
export function requireTrust(
  pack: Pack,
  locked: LockedPack | undefined,
  origin: PackOrigin,
  rules: PackRules,
): void {
  requireSigner(pack, rules);
  if (locked) return requireLocked(pack, locked, origin);
  if (rules.frozen || (origin.kind === "installed" && rules.require !== "none")) {
    const why = rules.frozen ? "--frozen takes only what it names" : "add it with `framegate add`";
    throw untrusted("ERR_PACK_LOCK", pack, `is not in policies.lock.json: ${why}`);
  }
}

/** The name that the config gives the signer's key. */
export function trustedName(
  signer: Signer | undefined,
  { keys }: Pick<PackRules, "keys">,
): string | undefined {
  return Object.keys(keys).find((name) => keys[name] === signer?.publicKey);
}

/** By the name that the config gives the key, if it does, and by the key's id. */
export function nameSigner(signer: Signer, rules: Pick<PackRules, "keys">): string {
  const name = trustedName(signer, rules);
  return name === undefined ? `the key ${signer.keyId}` : `${name} (${signer.keyId})`;
}

/** Those that are believed, each as `nameSigner` has it. */
export function nameKeys(keys: PackRules["keys"]): string {
  const named = Object.entries(keys).map(([name, key]) => `${name} (${readPublicKey(key).keyId})`);
  return named.join(", ") || "none";
}

export function requireSigner(pack: Pack, rules: Pick<PackRules, "require" | "keys">): void {
  if (rules.require !== "signed" || trustedName(pack.signer, rules) !== undefined) return;
  const found = pack.signer ? `is signed by the key ${pack.signer.keyId}` : "is not signed";
  const way = pack.signer
    ? "if that key is to be believed, put it into `packs.keys`"
    : "ask for one that is signed, as by `framegate pack sign`";
  const what = `${found}, and \`packs.require\` is "signed": expected one of \`packs.keys\`, ${nameKeys(rules.keys)}; ${way}`;
  throw untrusted("ERR_PACK_SIGNATURE", pack, what);
}

/** What comes after `locked`: no older version, no other content of the same one, no signature lost. */
export function requireSuccessor(pack: Pack, integrity: string, locked: LockedPack, rules: PackRules): void {
  const { name, version } = pack.manifest;
  const order = compareVersions(version, locked.version);
  if (order < 0) {
    const what = `is older than ${locked.version}, which is installed. To go back, \`framegate remove ${name}\` first`;
    throw untrusted("ERR_PACK_VERSION", pack, what);
  }
  if (order === 0 && integrity !== locked.integrity) {
    const what = `is not the ${version} that policies.lock.json names (${locked.integrity.slice(0, 20)}…): a version never changes. To take it nevertheless, \`framegate remove ${name}\` first`;
    throw untrusted("ERR_PACK_VERSION", pack, what);
  }
  if (locked.signer === undefined || pack.signer?.publicKey === locked.signer) return;
  if (trustedName(pack.signer, rules) !== undefined) return;
  const found = pack.signer ? `is signed by another key (${pack.signer.keyId})` : "is not signed";
  const what = `${found}; ${locked.version}, which is installed, was signed by ${locked.signer}. If that is right, put the new key into \`packs.keys\``;
  throw untrusted("ERR_PACK_SIGNATURE", pack, what);
}

/** Throws a PoliciesError (`ERR_PACK_CAPABILITY`) when the policy asks for more than it was granted. */
export function requireGranted(pack: Pack, policy: string, granted: CapabilityJson | undefined): void {
  const { name, policies } = pack.manifest;
  const missing = missingCapabilities(granted, policies[policy]!.capabilities ?? {});
  if (missing.length === 0) return;
  const message = `${name}/${policy} asks for what it was not granted: ${missing.join("; ")}. Look at it and grant it with \`framegate add\` or \`framegate update\``;
  throw new PoliciesError("ERR_PACK_CAPABILITY", message);
}

function requireLocked(pack: Pack, locked: LockedPack, origin: PackOrigin): void {
  const { name, version, digest } = pack.manifest;
  if (compareVersions(version, locked.version) < 0) {
    throw untrusted(
      "ERR_PACK_VERSION",
      pack,
      `is older than ${locked.version}, which policies.lock.json names`,
    );
  }
  const isSame = origin.kind === "installed" || origin.integrity === locked.integrity;
  if (version !== locked.version || digest !== locked.digest || !isSame) {
    const what = `is not what policies.lock.json names (${locked.version}, ${locked.integrity.slice(0, 20)}…): take it with \`framegate add\`, or put back what was there`;
    throw untrusted("ERR_PACK_LOCK", pack, what);
  }
  if (locked.signer !== pack.signer?.publicKey) {
    const what = `is not signed as policies.lock.json says: expected ${locked.signer ?? "no signature"}, got ${pack.signer?.publicKey ?? "none"}`;
    throw untrusted("ERR_PACK_SIGNATURE", pack, `${what}. To take it, \`framegate add ${name}\``);
  }
}

function untrusted(
  code: PoliciesError["code"],
  { manifest: { name, version } }: Pack,
  what: string,
): PoliciesError {
  return new PoliciesError(code, `${name} ${version} ${what}`);
}
