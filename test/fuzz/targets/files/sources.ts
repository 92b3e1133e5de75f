import assert from "node:assert/strict";
import { isDigest, parseOciReference, showReference } from "../../../../core/net/oci-reference.ts";
import { findRef } from "../../../../core/source/drivers/git-refs.ts";
import { SourceError } from "../../../../core/source/errors.ts";
import { judgeVersion, signDigest } from "../../../../core/source/judge.ts";
import { parseChallenge } from "../../../../core/source/oci/credentials.ts";
import {
  ARTIFACTS,
  addToIndex,
  describeBytes,
  layerOf,
  MANIFEST_TYPE,
  makeManifest,
  referrersIn,
} from "../../../../core/source/oci/manifest.ts";
import { makeKeys } from "../../../../policies/pack/signature.ts";
import { nearlyJson, wordsOf } from "../../harness/arbitraries.ts";
import { attempt, defineTarget } from "../../harness/target.ts";

const isRefusal = (error: unknown) => error instanceof SourceError;
const layer = Buffer.from("layer");
const signer = {
  ...describeBytes(layer, MANIFEST_TYPE),
  artifactType: ARTIFACTS.signature.artifactType,
};

/** What a registry says: a layer of which nothing is known but its size and digest, or nothing. */
export const artifacts = defineTarget<string>({
  name: "artifacts",
  inputs: nearlyJson(makeManifest({ kind: "source", layer }), addToIndex(undefined, signer)),
  runs: 400,
  check(text) {
    const found = attempt(() => layerOf("source", text, "it"), isRefusal);
    if (found !== undefined) {
      assert.ok(isDigest(found.value.digest) && Number.isSafeInteger(found.value.size));
      return "a layer";
    }
    const index = attempt(() => referrersIn(text, "signature"), isRefusal);
    for (const { digest } of index?.value ?? []) assert.ok(isDigest(digest), digest);
    attempt(() => addToIndex(text, signer), isRefusal);
    return (index?.value.length ?? 0) > 0 ? "an index" : "refused";
  },
});

const { publicKey, privateKey } = makeKeys();
const digest = `sha256:${"a".repeat(64)}`;
const signed = signDigest(digest, 1_000_000, privateKey);
const rules = { require: "signed", keys: { a: publicKey } } as const;

/** Nobody signs in another's name, and nobody moves the time of a signature. */
export const sourceSignatures = defineTarget<string>({
  name: "source-signatures",
  inputs: nearlyJson(JSON.parse(signed)),
  seeds: [signed],
  runs: 200,
  check(text) {
    const judged = attempt(() => judgeVersion({ digest, signatures: [text] }, rules, undefined), isRefusal);
    if (judged === undefined) return "refused";
    assert.equal(judged.value?.publicKey, publicKey);
    assert.equal(judged.value?.signedAt, 1_000_000);
    return "signed";
  },
});

/** Names of artifacts, what registries ask for, and what git lists: they lead where they say, or nowhere. */
export const sourceNames = defineTarget<string>({
  name: "source-names",
  inputs: wordsOf(
    ...[
      "oci://",
      "a.example",
      ":5000",
      "/",
      "team",
      "-",
      "_",
      ".",
      "..",
      "@",
      ":",
      "1.0",
      digest,
      "[::1]",
      "A",
      "%2f",
    ],
    ...[
      "Bearer ",
      "Basic ",
      'realm="https://a/"',
      'scope="x"',
      ",",
      '"',
      "\t",
      "\n",
      "refs/heads/",
      "main",
      "^{}",
    ],
  ),
  seeds: [
    "oci://a.example:5000/team/a:1.0",
    'Bearer realm="https://a/",scope="x"',
    `${"a".repeat(40)}\trefs/heads/main`,
  ],
  runs: 1000,
  check(text) {
    const challenge = parseChallenge(text);
    if (challenge?.scheme === "bearer") assert.ok(URL.canParse(challenge.realm));
    findRef("main", text);
    const reference = parseOciReference(text);
    if (reference === undefined) return challenge === undefined ? "none" : "a challenge";
    assert.deepEqual(parseOciReference(showReference(reference)), reference);
    const { host, repository, version } = reference;
    const url = new URL(`https://${host}/v2/${repository}/manifests/${version}`);
    assert.equal(url.pathname, `/v2/${repository}/manifests/${version}`);
    assert.equal(url.username, "");
    return "a reference";
  },
});
