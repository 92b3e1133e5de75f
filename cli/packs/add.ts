import { PoliciesError } from "../../policies/error.ts";
import { type FetchedPack, fetchPack } from "../../policies/pack/fetch/fetch.ts";
import { findSuccessor, requireVersion, sourceInLock } from "../../policies/pack/fetch/locked-source.ts";
import { installPack, openCandidate, type PackCandidate } from "../../policies/pack/install.ts";
import { type LockedPack, lockFileOf, readLock } from "../../policies/pack/lock.ts";
import { listInstalled } from "../../policies/pack/pack-folder.ts";
import { requireSigner, requireSuccessor } from "../../policies/pack/trust.ts";
import { requireConsent } from "../consent.ts";
import { CliError } from "../errors.ts";
import { describeFailure } from "../failure.ts";
import type { RegistryFlags } from "../source/registry-access.ts";
import { describeChange, describePack, describeSame, describeUngranted, newGrants } from "./describe.ts";
import { type FolderOptions, findGatewayPacks, type GatewayPacks } from "./gateway-packs.ts";
import { probePack } from "./probe.ts";

interface AddOptions extends FolderOptions, RegistryFlags {
  readonly yes?: boolean;
}

export async function addPack(spec: string, options: AddOptions): Promise<void> {
  const packs = await findGatewayPacks(options);
  const candidate = await openFor(packs, await fetchAny(spec, options));
  const { name } = candidate.pack.manifest;
  const asked = /^(@[^/@]+\/[^/@]+)(?:@.*)?$/.exec(spec)?.[1];
  if (asked !== undefined && asked !== name) throw misnamed(asked, name);
  const locked = (await readLock(lockFileOf(packs.policiesDir))).packs[name];
  await (locked ? replacePack(candidate, locked, packs, options) : addNew(candidate, packs, options));
}

export async function updatePacks(name: string | undefined, options: AddOptions): Promise<void> {
  const packs = await findGatewayPacks(options);
  const file = lockFileOf(packs.policiesDir);
  const lock = await readLock(file);
  if (name !== undefined && !Object.hasOwn(lock.packs, name)) {
    const known = Object.keys(lock.packs).join(", ") || "none";
    throw new CliError("ERR_CLI_PATH", `There is no pack "${name}" in policies.lock.json (${known}).`);
  }
  const failed: string[] = [];
  for (const [each, locked] of Object.entries(lock.packs)) {
    if (name !== undefined && each !== name) continue;
    try {
      const successor = await findSuccessor(each, locked, file);
      const candidate = await openFor(packs, await fetchAny(successor.spec, options));
      const { name: found, version } = candidate.pack.manifest;
      if (found !== each) throw misnamed(each, found);
      requireVersion(successor, version);
      await replacePack(candidate, locked, packs, options);
    } catch (error) {
      if (name !== undefined) throw error;
      // The others are brought up to date nevertheless.
      failed.push(each);
      process.stderr.write(`${describeFailure(error).text}\n`);
    }
  }
  if (failed.length === 0) return;
  process.stderr.write(`framegate: Not updated: ${failed.join(", ")}.\n`);
  throw new CliError("ERR_CLI_PROBLEMS", "not all packs are up to date");
}

async function fetchAny(spec: string, flags: RegistryFlags): Promise<FetchedPack> {
  if (!spec.startsWith("oci://")) return fetchPack(spec);
  return (await import("../source/pull.ts")).pullPack(spec, flags);
}

async function openFor({ policiesDir }: GatewayPacks, fetched: FetchedPack): Promise<PackCandidate> {
  const candidate = await openCandidate(fetched);
  return { ...candidate, source: await sourceInLock(candidate.source, lockFileOf(policiesDir)) };
}

async function addNew(candidate: PackCandidate, packs: GatewayPacks, options: AddOptions): Promise<void> {
  const { policiesDir, rules } = packs;
  requireSigner(candidate.pack, rules);
  await probePack(candidate.pack);
  process.stdout.write(describePack(candidate.pack, rules));
  await requireConsent("Add it?", options.yes === true);
  await installPack(policiesDir, candidate);
  process.stdout.write(
    `Added. Use its policies by these names in routes; policies.lock.json says what was agreed to.\n`,
  );
}

async function replacePack(
  candidate: PackCandidate,
  locked: LockedPack,
  { policiesDir, rules }: GatewayPacks,
  options: AddOptions,
): Promise<void> {
  const { pack, integrity, source } = candidate;
  const { name } = pack.manifest;
  requireSigner(pack, rules);
  requireSuccessor(pack, integrity, locked, rules);
  await probePack(pack);
  const asked = newGrants(locked, pack);
  if (integrity === locked.integrity) {
    const wasThere = (await listInstalled(policiesDir)).includes(name);
    // Somebody took them out of the lock. What is only put back where it was gets no more than the lock says.
    const isAsked = wasThere && asked.length > 0;
    if (isAsked) {
      process.stdout.write(describeUngranted(pack, asked));
      await requireConsent("Grant it?", options.yes === true);
    }
    await installPack(policiesDir, candidate, isAsked ? undefined : locked.granted);
    process.stdout.write(isAsked ? "Granted.\n" : describeSame(candidate, wasThere));
    return;
  }
  process.stdout.write(describeChange(locked, pack));
  if (asked.length > 0) await requireConsent("It asks for more than before. Take it?", options.yes === true);
  await installPack(policiesDir, candidate);
  process.stdout.write(source === locked.source ? "Updated.\n" : `Updated, from ${source}.\n`);
}

function misnamed(asked: string, found: string): PoliciesError {
  return new PoliciesError(
    "ERR_PACK_FETCH",
    `"${asked}" was asked for, and what came calls itself "${found}"`,
  );
}
