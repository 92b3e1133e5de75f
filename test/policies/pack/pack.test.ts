import { readdir } from "node:fs/promises";
import test from "ava";
import { sha256 } from "../../../policies/pack/canonical-json.ts";
import { parseLock } from "../../../policies/pack/lock.ts";
import {
  MANIFEST_FILE,
  type PackManifest,
  parseManifest,
  SIGNATURE_FILE,
  sealManifest,
} from "../../../policies/pack/manifest.ts";
import { openPack } from "../../../policies/pack/pack.ts";
import { bundleOf } from "../../../policies/pack/pack-bundle.ts";
import { makeKeys, signManifest } from "../../../policies/pack/signature.ts";
import { makePack } from "./packing.ts";

const policies = { redact: "export const client = () => ({ drop: true });" };

test("a pack as its author built it, with its signer", async (t) => {
  const { privateKey, publicKey, keyId } = makeKeys();
  const { manifest, signer } = openPack(await makePack(t, { policies, key: privateKey }), "a.tgz");
  t.is(manifest.name, "@acme/guard");
  t.deepEqual(manifest.policies.redact!.hooks, ["client"]);
  t.deepEqual(signer, { publicKey, keyId });
  t.is(openPack(await makePack(t, { policies }), "a.tgz").signer, undefined);
});

test("the same sources in another folder make the same bytes", async (t) => {
  const imports = {
    redact: `import { word } from "./_shared.ts";\nexport const client = () => word;`,
    _shared: "export const word = undefined;",
  };
  t.deepEqual(await makePack(t, { policies: imports }), await makePack(t, { policies: imports }));
});

test("manifest, map and declarations name no folder of the author's machine", async (t) => {
  const files = await makePack(t, { policies });
  for (const [path, bytes] of files) t.notRegex(Buffer.from(bytes).toString(), /framegate-policies-/, path);
});

test("declarations are in the pack, and nowhere else", async (t) => {
  const files = await makePack(t, {
    policies: {
      redact: policies.redact,
      typed: 'import type { Close } from "framegate/policy";\nexport const close: Close = () => {};',
    },
  });
  t.regex(Buffer.from(files.get("dist/typed.d.ts")!).toString(), /export declare const close: Close;/);
  t.deepEqual(
    await readdir(new URL("../../../sandbox/", import.meta.url)).then((names) =>
      names.filter((name) => name.endsWith(".d.ts")),
    ),
    ["globals.d.ts"],
  );
});

test("a bundle that was changed is refused", async (t) => {
  const files = await makePack(t, { policies });
  files.set("dist/redact.js", Buffer.from("var __policy = { client() {} };"));
  t.throws(() => openPack(files, "a.tgz"), {
    code: "ERR_PACK_TAMPERED",
    message: "a.tgz: dist/redact.js is not the file that was built: its SHA-256 is another",
  });
  files.delete("dist/redact.js");
  t.throws(() => openPack(files, "a.tgz"), { message: "a.tgz: dist/redact.js is missing" });
});

test("a manifest that was changed is refused", async (t) => {
  const files = await makePack(t, { policies });
  const manifest = readManifest(files);
  files.set(
    MANIFEST_FILE,
    toBytes({ ...manifest, policies: { redact: { ...manifest.policies.redact!, hooks: ["server"] } } }),
  );
  t.throws(() => openPack(files, "a.tgz"), {
    code: "ERR_PACK_TAMPERED",
    message: /its digest is not that of what it says/,
  });
});

test("a manifest that was changed and sealed anew does not fit its signature", async (t) => {
  const files = await makePack(t, { policies, key: makeKeys().privateKey });
  const { digest: _digest, format: _format, ...content } = readManifest(files);
  files.set(MANIFEST_FILE, toBytes(sealManifest({ ...content, api: ">=1.0.0 <9.0.0" })));
  t.throws(() => openPack(files, "a.tgz"), {
    code: "ERR_PACK_SIGNATURE",
    message: "the signature of @acme/guard 1.0.0 is wrong: it was made for something else, or by another key",
  });
});

test("a signature that names another key than the one it was made with is refused", async (t) => {
  const [mine, theirs] = [makeKeys(), makeKeys()];
  const files = await makePack(t, { policies });
  const signature = JSON.parse(signManifest(readManifest(files), mine.privateKey));
  const forged = { ...signature, publicKey: theirs.publicKey, keyId: theirs.keyId };
  files.set(SIGNATURE_FILE, toBytes(forged));
  t.throws(() => openPack(files, "a.tgz"), { code: "ERR_PACK_SIGNATURE" });
  files.set(SIGNATURE_FILE, toBytes({ ...signature, keyId: theirs.keyId }));
  t.throws(() => openPack(files, "a.tgz"), { message: /its fields contradict each other/ });
  files.set(SIGNATURE_FILE, Buffer.from("{"));
  t.throws(() => openPack(files, "a.tgz"), { code: "ERR_PACK_SIGNATURE" });
});

test("a package that npm calls something else is refused", async (t) => {
  const files = await makePack(t, { policies });
  files.set("package.json", toBytes({ name: "@bank/guard", version: "1.0.0" }));
  t.throws(() => openPack(files, "a.tgz"), {
    code: "ERR_PACK_FORMAT",
    message: /package\.json says "@bank\/guard" "1\.0\.0"/,
  });
});

test("a pack for another policy API is refused", async (t) => {
  const files = await makePack(t, { policies, packageJson: { framegate: { api: "^9.0.0" } } });
  t.throws(() => openPack(files, "a.tgz"), {
    code: "ERR_PACK_API",
    message: /needs the policy API \^9\.0\.0, this gateway has /,
  });
});

test("a manifest that is none, or names a path outside, is refused", async (t) => {
  const files = await makePack(t, { policies });
  const { digest: _digest, format: _format, ...content } = readManifest(files);
  const { redact } = content.policies;
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ ...content, name: "guard" }, /scoped/],
    [{ ...content, version: "1" }, /no version/],
    [{ ...content, api: "latest" }, /range/],
    [{ ...content, policies: {} }, /policies: expected 1 to 200 policies/],
    [{ ...content, policies: { "../x": redact } }, /no name of a policy/],
    [
      { ...content, policies: { redact: { ...redact, bundle: { ...redact!.bundle, path: "../../x" } } } },
      /no path below/,
    ],
    [{ ...content, more: true }, /it: Unrecognized key: "more"/],
  ];
  for (const [manifest, message] of wrong) {
    files.set(MANIFEST_FILE, toBytes(sealManifest(manifest as PackManifest)));
    t.throws(() => openPack(files, "a.tgz"), { code: "ERR_PACK_FORMAT", message });
  }
  t.throws(() => openPack(new Map(), "a.tgz"), { message: /is no pack: it has no framegate\.pack\.json/ });
});

test("a source map that is none, or is made to be read for seconds, is left out, and the pack is loaded", async (t) => {
  const files = await makePack(t, { policies });
  const { digest: _digest, format: _format, ...content } = readManifest(files);
  const { redact } = content.policies;
  const bundleWith = (map: string) => {
    const path = redact!.sourceMap.path;
    files.set(path, Buffer.from(map));
    const sourceMap = { path, sha256: sha256(Buffer.from(map)) };
    files.set(
      MANIFEST_FILE,
      toBytes(sealManifest({ ...content, policies: { redact: { ...redact!, sourceMap } } })),
    );
    return bundleOf(openPack(files, "a.tgz"), "redact", undefined, { file: "/a.tgz", inputs: [] });
  };
  for (const map of ["", "nonsense", "5", "null", "{}", '{"sources":5}', "[".repeat(4_000_000)])
    t.is(bundleWith(map).sourceMap, "", map.slice(0, 20));
  t.is(bundleWith(`{"sources":[${'"",'.repeat(100_000)}""]}`).sourceMap, "");
  t.is(bundleWith(`{"sources":[],"mappings":"${";".repeat(20_000_000)}"}`).sourceMap, "");
  t.like(JSON.parse(bundleWith('{"sources":["a.ts",5],"mappings":"AAAA"}').sourceMap), {
    sources: ["@acme/guard/a.ts", 5],
    mappings: "AAAA",
  });
});

test("a package.json that is none is refused", async (t) => {
  const files = await makePack(t, { policies });
  for (const text of ["{", "[".repeat(4_000_000)]) {
    files.set("package.json", Buffer.from(text));
    t.throws(() => openPack(files, "a.tgz"), {
      code: "ERR_PACK_FORMAT",
      message: /^a\.tgz: package\.json is no JSON: /,
    });
  }
  files.set("package.json", Buffer.from("null"));
  t.throws(() => openPack(files, "a.tgz"), { code: "ERR_PACK_FORMAT" });
});

function readManifest(files: ReadonlyMap<string, Uint8Array>): PackManifest {
  return JSON.parse(Buffer.from(files.get(MANIFEST_FILE)!).toString());
}

function toBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

test("a manifest, or a lock, that nests without an end is told as what it is", (t) => {
  const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
  const file = { path: "a.js", sha256: "0".repeat(64) };
  const policy = { bundle: file, sourceMap: file, hooks: ["client"], optionsSchema: { a: "deep" } };
  const manifest = { format: 1, name: "@acme/guard", version: "1.0.0", api: "^1.0.0", digest: "" };
  const text = JSON.stringify({ ...manifest, policies: { guard: policy } }).replace('"deep"', deep);
  t.throws(() => parseManifest(text, "a.tgz"), { code: "ERR_PACK_FORMAT", message: /more than 100 levels/ });
  const lock = `{"lockVersion":1,"packs":{"@acme/guard":${deep}}}`;
  t.throws(() => parseLock(lock, "/policies.lock.json"), {
    code: "ERR_PACK_LOCK",
    message: /more than 100 levels/,
  });
});
