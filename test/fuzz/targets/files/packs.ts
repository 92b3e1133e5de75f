import assert from "node:assert/strict";
import { posix } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { readArchive } from "../../../../policies/pack/archive.ts";
import { canonicalJson, sha256 } from "../../../../policies/pack/canonical-json.ts";
import { parseLock } from "../../../../policies/pack/lock.ts";
import { filesOf, MANIFEST_FILE, parseManifest, requireApi } from "../../../../policies/pack/manifest.ts";
import { openPack } from "../../../../policies/pack/pack.ts";
import { verifySignature } from "../../../../policies/pack/signature.ts";
import { DEFAULT_RULES, requireGranted, requireTrust } from "../../../../policies/pack/trust.ts";
import { archiveOf } from "../../../policies/pack/packing.ts";
import { nearly, nearlyJson } from "../../harness/arbitraries.ts";
import { attempt, defineTarget } from "../../harness/target.ts";
import { guardPack } from "./packages.ts";
import { isPoliciesError as isRefusal } from "./refusals.ts";

const SHA = sha256("code");

/** Without its digest. */
const CONTENT = {
  format: 1,
  name: "@acme/guard",
  version: "1.2.3",
  api: "^1.0.0",
  policies: {
    guard: {
      bundle: { path: "dist/guard.js", sha256: SHA },
      sourceMap: { path: "dist/guard.js.map", sha256: sha256("{}") },
      hooks: ["client"],
      optionsSchema: { type: "object", properties: { a: { type: "string" } } },
      capabilities: { fetch: { hosts: ["a.example"], methods: ["GET"] }, kv: true, secrets: ["KEY"] },
    },
  },
};

/** Whoever writes a manifest can write its digest, but for one that this code cannot even write down. */
function seal(json: string): string {
  const content = JSON.parse(json);
  if (typeof content !== "object" || content === null || Array.isArray(content)) return json;
  try {
    return JSON.stringify({ ...content, digest: sha256(canonicalJson(content)) });
  } catch {
    return json.replace(/}$/, `,"digest":"${SHA}"}`);
  }
}

function open(text: string): string {
  const read = attempt(() => parseManifest(text, "a.tgz"), isRefusal);
  if (read === undefined) return "refused";
  const manifest = read.value;
  for (const { path } of filesOf(manifest)) assert.ok(isBelow(path), path);
  attempt(() => requireApi(manifest), isRefusal);
  const contentOf = (digest: string) => Buffer.from(digest === SHA ? "code" : "{}");
  const files = new Map<string, Uint8Array>(
    filesOf(manifest).map((file) => [file.path, contentOf(file.sha256)]),
  );
  files.set(MANIFEST_FILE, Buffer.from(text));
  const pack = attempt(() => openPack(files, "a.tgz"), isRefusal);
  if (pack === undefined) return "a manifest";
  for (const policy of Object.keys(manifest.policies))
    attempt(() => requireGranted(pack.value, policy, { kv: true }), isRefusal);
  return "a pack";
}

function isBelow(path: string): boolean {
  const whole = posix.resolve("/packs/a", path);
  return whole.startsWith("/packs/a/") && !path.includes("\\") && !path.includes("\0");
}

export const manifests = defineTarget<string>({
  name: "manifests",
  inputs: nearlyJson(CONTENT).map(seal),
  seeds: [seal(JSON.stringify(CONTENT))],
  runs: 40,
  check: open,
});

const tar = gunzipSync(
  archiveOf([
    { path: "package/", type: "Directory" },
    { path: "package/dist/a.js", text: "a" },
    { path: `package/${"long/".repeat(30)}b.js`, text: "b".repeat(600) },
    { path: "package/link", type: "SymbolicLink", linkpath: "/etc/passwd" },
  ]),
);
const archives = fc.oneof(
  // As a tar that gzip has no objection to, and as bytes that it may have.
  nearly(fc.constantFrom(tar, tar.subarray(0, 2048), tar.subarray(512, 1536)), 6).map((bytes) =>
    gzipSync(bytes),
  ),
  nearly(fc.constant(gzipSync(tar))),
);

export const packArchives = defineTarget<Uint8Array>({
  name: "archives",
  inputs: archives,
  seeds: [gzipSync(tar), gzipSync(tar.subarray(0, 2048)), Buffer.alloc(0)],
  runs: 150,
  async check(bytes) {
    try {
      const files = await readArchive(bytes, "a.tgz");
      for (const path of files.keys()) assert.ok(isBelow(path), path);
      return files.size === 0 ? "nothing" : "files";
    } catch (error) {
      assert.ok(isRefusal(error), String(error));
      return "refused";
    }
  },
});

const guard = guardPack();

const LOCK = {
  lockVersion: 1,
  packs: {
    "@acme/guard": {
      version: "1.2.3",
      integrity: "sha512-abc",
      source: "@acme/guard@^1.0.0",
      digest: SHA,
      signer: "ed25519:abc",
      policies: ["guard"],
      granted: { guard: CONTENT.policies.guard.capabilities },
    },
  },
};

export const lockfiles = defineTarget<string>({
  name: "lockfiles",
  inputs: nearlyJson(LOCK),
  seeds: [JSON.stringify(LOCK), ""],
  runs: 500,
  check(text) {
    const lock = attempt(() => parseLock(text, "/policies.lock.json"), isRefusal);
    if (lock === undefined) return "refused";
    for (const locked of Object.values(lock.value.packs)) {
      attempt(() => requireGranted(guard, "guard", locked.granted.guard), isRefusal);
      attempt(() => requireTrust(guard, locked, { kind: "installed" }, DEFAULT_RULES), isRefusal);
    }
    return "a lock";
  },
});

const SIGNATURE = {
  algorithm: "ed25519",
  keyId: "0123456789abcdef",
  publicKey: `ed25519:${Buffer.alloc(32, 1).toString("base64")}`,
  signature: Buffer.alloc(64).toString("base64"),
};

/** No signature that anybody can write holds. */
export const signatures = defineTarget<string>({
  name: "signatures",
  inputs: nearlyJson(SIGNATURE),
  seeds: [JSON.stringify(SIGNATURE)],
  runs: 300,
  check(text) {
    const signer = attempt(() => verifySignature(guard.manifest, text), isRefusal);
    assert.equal(signer, undefined, "a signature that nobody made");
    return "refused";
  },
});
