import {
  describeCapabilities,
  missingPackCapabilities,
  type PackCapabilities,
} from "../../policies/pack/capabilities.ts";
import type { LockedPack } from "../../policies/pack/lock.ts";
import { capabilitiesOf } from "../../policies/pack/manifest.ts";
import type { Pack } from "../../policies/pack/pack.ts";
import { type PackRules, trustedName } from "../../policies/pack/trust.ts";

/** What a pack is, and what it asks for, for the one who is to agree. */
export function describePack(pack: Pack, rules: PackRules): string {
  const { name, version, policies } = pack.manifest;
  const lines = Object.entries(policies).flatMap(([policy, { hooks, capabilities = {} }]) => {
    const asked = describeCapabilities(capabilities);
    const asks = asked.length === 0 ? ["asks for nothing"] : asked.map((line) => `asks for ${line}`);
    return [`  ${name}/${policy}   hooks: ${hooks.join(", ")}`, ...asks.map((line) => `    ${line}`)];
  });
  return `${[`${name} ${version}, ${describeSigner(pack, rules)}`, ...lines].join("\n")}\n`;
}

export function describeChange(locked: LockedPack, pack: Pack): string {
  const asked = capabilitiesOf(pack.manifest);
  const lines = [
    ...missingPackCapabilities(locked.granted, asked).map((line) => `  + ${line}`),
    ...missingPackCapabilities(asked, locked.granted).map((line) => `  - ${line}`),
  ];
  const head = `${pack.manifest.name} ${locked.version} → ${pack.manifest.version}`;
  return `${[head, ...(lines.length === 0 ? ["  asks for the same as before"] : lines)].join("\n")}\n`;
}

export function describeGrants(granted: PackCapabilities): string[] {
  return missingPackCapabilities({}, granted);
}

function describeSigner({ signer }: Pack, rules: PackRules): string {
  if (!signer) return "not signed";
  const name = trustedName(signer, rules);
  return name === undefined
    ? `signed by ${signer.publicKey}, a key that \`packs.keys\` does not have`
    : `signed by ${name} (${signer.keyId})`;
}
