import type { PackCandidate } from "../../policies/pack/install.ts";
import type { LockedPack } from "../../policies/pack/lock.ts";
import { capabilitiesOf } from "../../policies/pack/manifest.ts";
import type { Pack } from "../../policies/pack/pack.ts";
import { type PackRules, trustedName } from "../../policies/pack/trust.ts";
import { compareGrants, describeGrant } from "./grant-lines.ts";

/** What a pack is, and what it asks for, for the one who is to agree. */
export function describePack(pack: Pack, rules: PackRules): string {
  const { name, version, policies } = pack.manifest;
  const lines = Object.entries(policies).flatMap(([policy, { hooks, capabilities = {} }]) => {
    const asked = describeGrant(name, capabilities);
    const asks = asked.length === 0 ? ["asks for nothing"] : asked.map((line) => `asks for ${line}`);
    return [`  ${name}/${policy}   hooks: ${hooks.join(", ")}`, ...asks.map((line) => `    ${line}`)];
  });
  return `${[`${name} ${version}, ${describeSigner(pack, rules)}`, ...lines].join("\n")}\n`;
}

/** The archive is that of the lock. */
export function describeSame({ pack, source }: PackCandidate, wasInstalled: boolean): string {
  const { name, version } = pack.manifest;
  const what = wasInstalled ? "is what is installed already" : "is installed, as policies.lock.json has it";
  return `${name} ${version} ${what}.${describeStay(source, version)}\n`;
}

/** Why nothing newer is looked for. */
function describeStay(source: string, version: string): string {
  if (EXACT_SOURCE.test(source))
    return ` It was added as ${source}, and stays there: \`framegate add\` with another version takes that.`;
  if (!VERSIONED_FILE.test(source) || source.includes(version)) return "";
  return ` Its file, ${source}, has another version in its name, and stays: \`framegate add\` with another file takes that.`;
}

const VERSIONED_FILE = /^file:.*-\d+\.\d+\.\d+[^/]*\.tgz$/;

/** A name of npm's or a reference of a registry with one version. */
const EXACT_SOURCE = /^(?:@[^/@]+\/[^/@]+@|oci:\/\/.*:)v?\d+\.\d+\.\d+[^/]*$/;

export function describeChange(locked: LockedPack, pack: Pack): string {
  const { name, version } = pack.manifest;
  const { more, less } = changeOf(locked, pack);
  const lines = [...more.map((line) => `  + ${line}`), ...less.map((line) => `  - ${line}`)];
  const head = `${name} ${locked.version} → ${version}`;
  return `${[head, ...(lines.length === 0 ? ["  asks for the same as before"] : lines)].join("\n")}\n`;
}

/** The pack is that of the lock, and asks for what is not granted there. */
export function describeUngranted({ manifest: { name, version } }: Pack, lines: readonly string[]): string {
  const head = `${name} ${version} asks for more than policies.lock.json grants`;
  return `${[head, ...lines.map((line) => `  + ${line}`)].join("\n")}\n`;
}

/** What a pack would be given that the one in the lock has not. */
export function newGrants(locked: LockedPack, pack: Pack): readonly string[] {
  return changeOf(locked, pack).more;
}

function changeOf({ granted }: LockedPack, { manifest }: Pack): ReturnType<typeof compareGrants> {
  return compareGrants(manifest.name, granted, capabilitiesOf(manifest));
}

function describeSigner({ signer }: Pack, rules: PackRules): string {
  if (!signer) return "not signed";
  const name = trustedName(signer, rules);
  return name === undefined
    ? `signed by ${signer.publicKey} (${signer.keyId}), a key that \`packs.keys\` does not have`
    : `signed by ${name} (${signer.keyId})`;
}
