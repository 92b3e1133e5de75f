import { z } from "zod";
import { parseBounded } from "../../sandbox/bounded-json.ts";
import type { HookName } from "../../sandbox/contract/hooks.ts";
import { HOOK_NAMES } from "../../sandbox/wire/hooks.ts";
import { isDeeper } from "../../sandbox/wire/shapes.ts";
import { messageOf, PoliciesError } from "../error.ts";
import { canonicalJson, sha256 } from "./canonical-json.ts";
import type { CapabilityJson, PackCapabilities } from "./capabilities.ts";
import { isOwnPack, isPackName, isPolicyName } from "./pack-name.ts";
import { parseShape } from "./parse-shape.ts";
import { isRange, isVersion, satisfies } from "./version.ts";

export const MANIFEST_FILE = "framegate.pack.json";
export const SIGNATURE_FILE = "framegate.pack.sig";
/** Of the manifest. */
const FORMAT = 1;
const MAX_POLICIES = 200;
/** What goes deeper has no text in canonical form; a policy cannot export such a thing. */
export const MAX_LEVELS = 100;
/** Of any file of a pack that is JSON. */
export const PACK_JSON = { length: 8 * 1024 * 1024, values: 200_000 };
/** Of what policies see: `framegate/policy` and the globals. A new hook or capability raises the second number. */
export const POLICY_API_VERSION = "1.3.0";

/** The file `framegate.pack.json`: what a pack holds, and by its digest nothing else. */
export interface PackManifest {
  readonly format: typeof FORMAT;
  /** That of the npm package. */
  readonly name: string;
  readonly version: string;
  /** Versions of the policy API that its policies run with. */
  readonly api: string;
  /** By name within the pack. */
  readonly policies: Readonly<Record<string, PackPolicy>>;
  /** SHA-256 over the canonical JSON of all the rest. */
  readonly digest: string;
}

export interface PackPolicy {
  /** A classic script that leaves the exports in `__policy`. */
  readonly bundle: PackFile;
  readonly sourceMap: PackFile;
  /** Declarations of the policy's file, where they could be made. */
  readonly types?: PackFile;
  readonly hooks: readonly HookName[];
  /** JSON Schema of `options`. */
  readonly optionsSchema?: unknown;
  readonly capabilities?: CapabilityJson;
}

export interface PackFile {
  /** Below the package's folder, with `/`. */
  readonly path: string;
  readonly sha256: string;
}

export function sealManifest(manifest: Omit<PackManifest, "format" | "digest">): PackManifest {
  const content = { format: FORMAT, ...manifest } as const;
  return { ...content, digest: sha256(canonicalJson(content)) };
}

/** @param where the manifest was found, for messages. Throws a PoliciesError (`ERR_PACK_FORMAT`, `ERR_PACK_TAMPERED`). */
export function parseManifest(text: string, where: string): PackManifest {
  const manifest = parseJson(text, where);
  if (isDeeper(manifest, MAX_LEVELS)) throw format(where, `it nests more than ${MAX_LEVELS} levels deep`);
  const { error } = parseShape(manifestSchema, manifest);
  if (error) {
    const [{ path, message }] = error.issues as [z.core.$ZodIssue];
    throw format(where, `${path.join(".") || "it"}: ${message}`);
  }
  const { digest, ...content } = manifest as PackManifest;
  if (!isPackName(content.name)) {
    throw format(where, `expected \`name\` to be scoped, such as "@acme/guard", got "${content.name}"`);
  }
  if (isOwnPack(content.name)) {
    throw format(where, `"${content.name}" is the name of the gateway's own policies`);
  }
  if (!isVersion(content.version)) throw format(where, `"${content.version}" is no version`);
  if (!isRange(content.api))
    throw format(where, `expected \`api\` to be a range such as "^1.0.0", got "${content.api}"`);
  const misnamed = Object.keys(content.policies).find((name) => !isPolicyName(name));
  if (misnamed !== undefined) throw format(where, `"${misnamed}" is no name of a policy`);
  const astray = filesOf(manifest as PackManifest).find(({ path }) => !isSafePath(path));
  if (astray) throw format(where, `"${astray.path}" is no path below the package's folder`);
  if (sha256(canonicalJson(content)) !== digest) {
    const message = `${where}: its digest is not that of what it says: the manifest was changed after it was built`;
    throw new PoliciesError("ERR_PACK_TAMPERED", message);
  }
  return manifest as PackManifest;
}

/** Throws a PoliciesError (`ERR_PACK_API`) when this gateway is not what the pack was made for. */
export function requireApi({ name, version, api }: PackManifest): void {
  if (satisfies(POLICY_API_VERSION, api)) return;
  throw new PoliciesError(
    "ERR_PACK_API",
    `${name} ${version} needs the policy API ${api}, this gateway has ${POLICY_API_VERSION}: take another version of the pack or of Framegate`,
  );
}

export function filesOf({ policies }: Pick<PackManifest, "policies">): PackFile[] {
  return Object.values(policies).flatMap(({ bundle, sourceMap, types }) =>
    types ? [bundle, sourceMap, types] : [bundle, sourceMap],
  );
}

export function capabilitiesOf({ policies }: Pick<PackManifest, "policies">): PackCapabilities {
  return Object.fromEntries(
    Object.entries(policies).flatMap(([name, { capabilities }]) =>
      capabilities ? [[name, capabilities]] : [],
    ),
  );
}

/** A path of a pack's file, wherever it comes from: it must not lead out of the folder on any system. */
export function isSafePath(path: string): boolean {
  if (path.length > 250 || !/^[\w@.+ /-]+$/.test(path)) return false;
  return path.split("/").every((part) => !/^(?:\.{0,2}|\s.*|.*[\s.])$/.test(part));
}

const fileSchema = z.strictObject({ path: z.string(), sha256: z.stringFormat("SHA-256", /^[0-9a-f]{64}$/) });

const policySchema = z.strictObject({
  bundle: fileSchema,
  sourceMap: fileSchema,
  types: fileSchema.optional(),
  hooks: z.array(z.enum(HOOK_NAMES)).min(1),
  optionsSchema: z.union([z.record(z.string(), z.unknown()), z.boolean()]).optional(),
  capabilities: z.record(z.string(), z.unknown()).optional(),
});

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  name: z.string(),
  version: z.string(),
  api: z.string(),
  digest: z.string(),
  policies: z.record(z.string(), policySchema).refine((policies) => isFair(Object.keys(policies).length), {
    error: `expected 1 to ${MAX_POLICIES} policies`,
  }),
});

function isFair(count: number): boolean {
  return count > 0 && count <= MAX_POLICIES;
}

function parseJson(text: string, where: string): unknown {
  try {
    return parseBounded(text, PACK_JSON);
  } catch (cause) {
    throw format(where, `it is no JSON: ${messageOf(cause)}`, cause);
  }
}

function format(where: string, what: string, cause?: unknown): PoliciesError {
  return new PoliciesError("ERR_PACK_FORMAT", `${where} is no manifest of a pack: ${what}`, { cause });
}
