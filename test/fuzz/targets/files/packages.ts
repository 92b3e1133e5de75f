import assert from "node:assert/strict";
import fc from "fast-check";
import { sha256 } from "../../../../policies/pack/canonical-json.ts";
import { type CapabilityJson, describeCapabilities } from "../../../../policies/pack/capabilities.ts";
import { MANIFEST_FILE, MAX_LEVELS, sealManifest } from "../../../../policies/pack/manifest.ts";
import { renderOptionTypes } from "../../../../policies/pack/options-type.ts";
import { openPack, type Pack } from "../../../../policies/pack/pack.ts";
import { bundleOf } from "../../../../policies/pack/pack-bundle.ts";
import { requireGranted } from "../../../../policies/pack/trust.ts";
import { createStackMapper } from "../../../../sandbox/source-map.ts";
import { isDeeper } from "../../../../sandbox/wire/shapes.ts";
import { nearlyJson } from "../../harness/arbitraries.ts";
import { attempt, defineTarget } from "../../harness/target.ts";
import { isPoliciesError as isRefusal } from "./refusals.ts";

const CODE_SHA = sha256("code");
const PACKAGE = { name: "@acme/guard", version: "1.2.3" };
const MAP = { version: 3, sources: ["guard.ts"], sourcesContent: ["x"], mappings: "AAAA" };
const SCHEMA = {
  type: "object",
  properties: { a: { type: "string", description: "*/", default: [1] } },
  required: ["a"],
};
const CAPABILITIES = { fetch: { hosts: ["a.example"], methods: ["GET"] }, kv: true, secrets: ["KEY"] };

interface Package {
  readonly packageJson: string;
  readonly sourceMap: string;
  readonly optionsSchema: string;
  readonly capabilities: string;
}

/** What its author can put into a pack whose manifest is right. */
function filesWith({
  packageJson,
  sourceMap,
  optionsSchema,
  capabilities,
}: Package): Map<string, Uint8Array> {
  const manifest = sealManifest({
    ...PACKAGE,
    api: "^1.0.0",
    policies: {
      guard: {
        bundle: { path: "dist/guard.js", sha256: CODE_SHA },
        sourceMap: { path: "dist/guard.js.map", sha256: sha256(sourceMap) },
        hooks: ["client"],
        optionsSchema: readPart(optionsSchema),
        capabilities: readPart(capabilities) as CapabilityJson,
      },
    },
  });
  return new Map([
    ["package.json", Buffer.from(packageJson)],
    [MANIFEST_FILE, Buffer.from(JSON.stringify(manifest))],
    ["dist/guard.js", Buffer.from("code")],
    ["dist/guard.js.map", Buffer.from(sourceMap)],
  ]);
}

/** One that nests without an end has no digest: that is for the manifests. */
function readPart(json: string): unknown {
  const value = JSON.parse(json);
  return isDeeper(value, MAX_LEVELS) ? {} : value;
}

const right = {
  packageJson: JSON.stringify(PACKAGE),
  sourceMap: JSON.stringify(MAP),
  optionsSchema: JSON.stringify(SCHEMA),
  capabilities: JSON.stringify(CAPABILITIES),
};

/** One that nothing is wrong with. */
export function guardPack(): Pack {
  return openPack(filesWith(right), "a.tgz");
}

/** What is made of a pack: what it asks for in words, its bundle, and what editors are told of its options. */
export const packages = defineTarget<Package>({
  name: "packages",
  inputs: fc.record({
    packageJson: fc.oneof(fc.constant(right.packageJson), nearlyJson(PACKAGE), fc.string()),
    sourceMap: fc.oneof(nearlyJson(MAP), fc.string()),
    optionsSchema: nearlyJson(SCHEMA),
    capabilities: nearlyJson(CAPABILITIES),
  }),
  seeds: [right, { ...right, sourceMap: `{"version":3,"sources":${"[".repeat(9000)}${"]".repeat(9000)}}` }],
  runs: 40,
  check(input) {
    const pack = attempt(() => openPack(filesWith(input), "a.tgz"), isRefusal);
    if (pack === undefined) return "refused";
    const { guard } = pack.value.manifest.policies;
    attempt(() => requireGranted(pack.value, "guard", CAPABILITIES), isRefusal);
    for (const line of describeCapabilities(guard?.capabilities ?? {})) assert.match(line, /^[ -~]*$/);
    const bundle = bundleOf(pack.value, "guard", guard?.capabilities, { file: "a.tgz", inputs: [] });
    createStackMapper(bundle).mapStack("E\n    at f (framegate-policy:@acme/guard/guard:1:1)");
    const [types = ""] = renderOptionTypes({ "@acme/guard/guard": guard?.optionsSchema }, "");
    assert.ok(types.startsWith("readonly"));
    return "a pack";
  },
});
