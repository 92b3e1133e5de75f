import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import type { ExecutionContext } from "ava";
import { Header } from "tar";
import type { Bundle } from "../../../policies/bundle/bundle.ts";
import type { PackFiles } from "../../../policies/pack/archive.ts";
import { type BuiltPack, buildPack, readProject } from "../../../policies/pack/build.ts";
import { openCandidate, type PackCandidate } from "../../../policies/pack/install.ts";
import { SIGNATURE_FILE } from "../../../policies/pack/manifest.ts";
import { signManifest } from "../../../policies/pack/signature.ts";
import type { HookName } from "../../../sandbox/contract/hooks.ts";
import type { PolicyExports } from "../../../sandbox/contract.ts";
import { makeFolder } from "../temporary-folder.ts";

export interface PackOptions {
  readonly name?: string;
  readonly version?: string;
  /** TypeScript by name. */
  readonly policies: Readonly<Record<string, string>>;
  /** Private key, PEM. */
  readonly key?: string;
  readonly packageJson?: object;
}

/** By what they are made of: the compiler runs for each. */
const built = new Map<string, Promise<BuiltPack>>();

/** The files of a package as its author would publish it. */
export async function makePack(t: ExecutionContext, options: PackOptions): Promise<Map<string, Uint8Array>> {
  const { name = "@acme/guard", version = "1.0.0", policies, key, packageJson = {} } = options;
  const description = JSON.stringify({ name, version, ...packageJson });
  const made = JSON.stringify([description, policies]);
  const building = built.get(made) ?? build(t, description, policies);
  built.set(made, building);
  const { manifest, files } = await building;
  const all = new Map([["package.json", Buffer.from(description)]]);
  for (const [path, text] of files) all.set(path, Buffer.from(text));
  if (key !== undefined) all.set(SIGNATURE_FILE, Buffer.from(signManifest(manifest, key)));
  return all;
}

async function build(
  t: ExecutionContext,
  description: string,
  policies: PackOptions["policies"],
): Promise<BuiltPack> {
  const sources = Object.entries(policies).map(([policy, text]) => [`policies/${policy}.ts`, text]);
  const dir = await makeFolder(t, { "package.json": description, ...Object.fromEntries(sources) });
  return buildPack(await readProject(dir), probe);
}

export async function makeCandidate(t: ExecutionContext, options: PackOptions): Promise<PackCandidate> {
  return openCandidate({ bytes: archive(await makePack(t, options)), source: "test.tgz" });
}

export interface Entry {
  readonly path: string;
  readonly text?: string | Uint8Array;
  readonly type?: "File" | "Directory" | "SymbolicLink" | "Link" | "CharacterDevice" | "FIFO";
  readonly linkpath?: string;
}

/** A .tgz of whatever entries, also those that no honest tool would write. */
export function archiveOf(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, text = "", type = "File", linkpath }) => {
    const bytes = Buffer.from(text);
    const head = Buffer.alloc(512);
    new Header({
      path,
      type,
      mode: 0o644,
      size: bytes.length,
      mtime: new Date(0),
      ...(linkpath && { linkpath }),
    }).encode(head);
    return [head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

export function archive(files: PackFiles): Buffer {
  return archiveOf([...files].map(([path, text]) => ({ path: `package/${path}`, text })));
}

/** What a bundle exports, without a sandbox. */
export async function probe(bundle: Bundle): Promise<PolicyExports> {
  const realm = createContext({});
  runInContext(bundle.code, realm);
  const exports: Record<string, unknown> = runInContext("__policy", realm);
  const names = ["upgrade", "client", "server", "close"] satisfies HookName[];
  const { route, optionsSchema, capabilities } = JSON.parse(JSON.stringify(exports));
  return { hooks: names.filter((hook) => hook in exports), route, optionsSchema, capabilities };
}
