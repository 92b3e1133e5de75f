import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  formatPath,
  isSecretPlace,
  loadConfigFile,
  readConfigDocument,
  resolveConfig,
  VERSION_CONFIG,
  type VersionInput,
  versionPartOf,
} from "../../core/config/index.ts";
import { isDigest, showReference } from "../../core/net/oci-reference.ts";
import { signDigest } from "../../core/source/judge.ts";
import { writeArtifact, writeSignature } from "../../core/source/oci/artifact.ts";
import { type ManifestParts, REVISION_ANNOTATION } from "../../core/source/oci/manifest.ts";
import { digestOf, type SourceFiles } from "../../core/source/version.ts";
import { writeArchive } from "../../policies/pack/archive.ts";
import { readBuilt } from "../../policies/pack/build.ts";
import { fetchPack } from "../../policies/pack/fetch/fetch.ts";
import { openCandidate } from "../../policies/pack/install.ts";
import { checkAll } from "../check/check.ts";
import { CliError } from "../errors.ts";
import { collectVersion } from "./collect.ts";
import { openArtifact, type RegistryAccess, type RegistryFlags } from "./registry-access.ts";

export interface PushFlags extends RegistryFlags {
  readonly policies?: string;
  readonly config?: string;
  readonly key?: string;
  readonly revision?: string;
  readonly withSecrets?: boolean;
}

/** What goes into the registry, and what signs it. */
interface Shipment {
  readonly parts: ManifestParts & { readonly layer: Buffer };
  /** Of its content. */
  readonly digest?: string;
  readonly signature?: string;
}

/** Puts a version of policies, or a pack, into a registry. */
export async function push(artifact: string, dir: string, flags: PushFlags): Promise<void> {
  const access = await openArtifact(artifact, flags);
  if (isDigest(access.reference.version)) {
    const message = "Expected a tag, got a digest: what is pushed has one of its own.";
    throw new CliError("ERR_CLI_USAGE", message);
  }
  // It cannot be told later whether the key was right.
  const key = flags.key === undefined ? undefined : await readKey(flags.key);
  const isPack = (await readBuilt(resolve(dir))) !== undefined;
  const shipment = isPack ? await shipPack(dir, key) : await shipVersion(dir, flags, key);
  await ship(access, shipment, flags);
}

async function ship(
  { registry, reference, signal }: RegistryAccess,
  { parts, digest, signature }: Shipment,
  { revision }: PushFlags,
): Promise<void> {
  const annotations = {
    "org.opencontainers.image.version": reference.version,
    "org.opencontainers.image.created": timeOfNow(),
    ...(revision !== undefined && { [REVISION_ANNOTATION]: revision }),
    ...parts.annotations,
  };
  const written = await writeArtifact(registry, reference.version, { ...parts, annotations }, signal);
  if (signature !== undefined) await writeSignature(registry, written, signature, signal);
  const pinned = showReference({ ...reference, version: written.digest });
  const lines = [
    `Pushed ${showReference(reference)}`,
    `  by its digest: ${pinned}`,
    ...(digest === undefined ? [] : [`  for \`source.lock\`: ${digest}`]),
    signature === undefined ? "  not signed" : "  signed",
  ];
  process.stdout.write(`${(parts.kind === "pack" ? lines.slice(0, 2) : lines).join("\n")}\n`);
}

async function shipVersion(
  dir: string,
  { policies = "policies", config, withSecrets = false }: PushFlags,
  key: string | undefined,
): Promise<Shipment> {
  const policiesDir = join(resolve(dir), policies);
  await checkAll(config === undefined ? { policies: policiesDir } : { config });
  const collected = await collectVersion(policiesDir);
  const files =
    config === undefined ? collected : await withConfig(collected, policiesDir, { config, withSecrets });
  const digest = digestOf(files);
  const signature = key === undefined ? undefined : signDigest(digest, Date.now(), key);
  return {
    parts: { kind: "source", layer: await writeArchive(files) },
    digest,
    ...(signature !== undefined && { signature }),
  };
}

/** As data: gateways take no script, and what it has asked this machine for is settled. */
async function withConfig(
  files: SourceFiles,
  policiesDir: string,
  { config, withSecrets }: Required<Pick<PushFlags, "config" | "withSecrets">>,
): Promise<SourceFiles> {
  const { policiesDir: own } = await loadConfigFile(config, { secretsStandIn: true });
  if (own !== policiesDir) {
    const message = `Expected a config whose \`policies\` are ${policiesDir}, got ${own}: say the folder and --policies that it means.`;
    throw new CliError("ERR_CLI_USAGE", message);
  }
  const { input, filled } = await readConfigDocument(config);
  const version = versionPartOf(input);
  const secret = filled.find(({ path }) => Object.hasOwn(version, path[0] ?? "") && isSecretPlace(path));
  if (secret !== undefined && !withSecrets) {
    const message = `${formatPath(secret.path)} of ${config} has the value that ${secret.names.join(" and ")} has here, and all who may read the registry would have it: nothing was pushed. Let the policy read it from \`secrets\` of each machine's config, or say --with-secrets where it is none.`;
    throw new CliError("ERR_CLI_USAGE", message);
  }
  const part = JSON.stringify(version, undefined, 2);
  requireTakeable(JSON.parse(part), config, input);
  const [place] = placesOfCredentials(JSON.parse(part), "");
  if (place !== undefined) {
    const message = `${place} of ${config} is a URL with a user or a password, and all who may read the registry would have it: nothing was pushed. Say \`${place.split(".")[0]}\` in the config of each machine instead.`;
    throw new CliError("ERR_CLI_USAGE", message);
  }
  return new Map(files).set(VERSION_CONFIG, Buffer.from(`${part}\n`));
}

/** Throws for what stands in the config of a machine, and that none takes from a version. */
function requireTakeable(version: VersionInput, config: string, input: unknown): void {
  const file = resolve(config);
  try {
    resolveConfig(input, { dir: dirname(file), file, secretsStandIn: true, version });
  } catch (error) {
    const message = `No gateway would take this as a version of a source: nothing was pushed. ${(error as Error).message}
Say it in the config of each machine instead.`;
    throw new CliError("ERR_CLI_USAGE", message);
  }
}

/** Where URLs have them, as those of proxies may. */
function placesOfCredentials(value: unknown, path: string): readonly string[] {
  if (typeof value === "string") {
    const url = URL.parse(value);
    return url?.username || url?.password ? [path] : [];
  }
  const inside = value instanceof Object ? Object.entries(value) : [];
  return inside.flatMap(([key, each]) => placesOfCredentials(each, path === "" ? key : `${path}.${key}`));
}

async function shipPack(dir: string, key: string | undefined): Promise<Shipment> {
  if (key !== undefined) {
    const message =
      "A pack has its signature in it: `framegate pack sign` makes it, and push takes no --key.";
    throw new CliError("ERR_CLI_USAGE", message);
  }
  const { bytes, source } = await fetchPack(resolve(dir));
  await openCandidate({ bytes, source });
  return { parts: { kind: "pack", layer: Buffer.from(bytes) } };
}

async function readKey(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => {
    const message = `The key ${resolve(file)} cannot be read. Make one with \`framegate pack keygen\`.`;
    throw new CliError("ERR_CLI_PATH", message);
  });
}

/** SOURCE_DATE_EPOCH, for who builds the same thing twice. */
function timeOfNow(): string {
  const { SOURCE_DATE_EPOCH: seconds } = process.env;
  return new Date(seconds ? Number(seconds) * 1000 : Date.now()).toISOString();
}
