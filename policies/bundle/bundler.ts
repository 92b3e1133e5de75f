import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { dirname, extname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import type { PolicySource } from "../folder.ts";
import type { Bundle } from "./bundle.ts";
import { explainFailure } from "./bundle-problem.ts";
import { runEsbuild } from "./esbuild.ts";
import { mayBePackage, refuseImport } from "./foreign-imports.ts";
import { standIns } from "./stand-ins.ts";

/** `.ts` in a checkout, `.js` in the published package. */
const sourceOf = (path: string) => fileURLToPath(new URL(path + extname(import.meta.url), import.meta.url));
const policyApi = sourceOf("../../sandbox/policy-api");
const lenses = sourceOf("../lenses/index");
const messages = sourceOf("../messages/index");

/** Whether a policy gets this file from the gateway that it runs on, wherever that is. */
export function isOfGateway(file: string): boolean {
  return [policyApi, lenses, messages].some((each) => file.startsWith(dirname(each) + sep));
}

/** What a policy runs as: its own sources compiled, or what the author of its pack has built. Throws a PoliciesError. */
export function bundleSource(source: PolicySource): Promise<Bundle> {
  return source.bundle ? source.bundle() : bundlePolicy(source);
}

/**
 * Compile a policy and all it imports to one script. Throws a PoliciesError (`ERR_POLICY_BUNDLE`) whose message names
 * file, line and column, and whose `inputs` are the files that may mend it.
 */
export async function bundlePolicy(source: PolicySource): Promise<Bundle> {
  const inputs = new Set([source.file]);
  try {
    // A link to the folder may lead elsewhere next time: the same sources are the same version there.
    const dir = await realpath(dirname(source.file)).catch(() => dirname(source.file));
    const { outputFiles } = await runEsbuild(optionsFor(source, dir, inputs));
    const sourceMap = outputFiles.find((file) => file.path.endsWith(".map"))!.text;
    const code = outputFiles.find((file) => file.path.endsWith(".js"))!.text;
    return {
      name: source.name,
      file: source.file,
      // With the map, since it holds the sources: a comment moves the lines that traces name.
      version: createHash("sha256").update(code).update(sourceMap).digest("hex").slice(0, 12),
      code,
      sourceMap: withAbsoluteSources(sourceMap, dirname(source.file)),
      inputs: [...inputs],
    };
  } catch (cause) {
    throw await explainFailure(source, inputs, cause);
  }
}

function optionsFor(source: PolicySource, dir: string, inputs: Set<string>): BuildOptions & { write: false } {
  return {
    entryPoints: [source.file],
    absWorkingDir: dir,
    outfile: `${dir}/policy.js`,
    write: false,
    bundle: true,
    format: "iife",
    globalName: "__policy",
    // What npm packages call "browser" is what the sandbox is: the language and some web standards, no Node.
    platform: "browser",
    target: "es2024",
    conditions: ["browser", "module"],
    mainFields: ["browser", "module", "main"],
    define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
    // Modules are strict, but their bundle is a script: without this, a write to a frozen context would pass silently.
    banner: { js: '"use strict";' },
    // A file without exports, an empty one say, would leave undefined.
    footer: { js: "__policy ??= {};" },
    sourcemap: "external",
    sourcesContent: true,
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    // An imported file read between the two halves of a save is empty: what it exported must not become undefined.
    logOverride: { "import-is-undefined": "error" },
    plugins: [recordInputs(inputs), standIns, guardImports],
  };
}

/** esbuild lists the inputs of a build that succeeded; the watcher needs those of one that failed as well. */
function recordInputs(inputs: Set<string>): Plugin {
  return {
    name: "record-inputs",
    setup({ onLoad }) {
      onLoad({ filter: /.*/, namespace: "file" }, ({ path }) => {
        inputs.add(path);
        return undefined;
      });
    },
  };
}

const isAsked = Symbol("esbuild was asked already");

const guardImports: Plugin = {
  name: "guard-imports",
  setup({ onResolve, resolve: resolvePath }) {
    onResolve({ filter: /^framegate\/policy$/ }, () => ({ path: policyApi }));
    onResolve({ filter: /^framegate\/lenses$/ }, () => ({ path: lenses, sideEffects: false }));
    onResolve({ filter: /^framegate\/messages$/ }, () => ({ path: messages, sideEffects: false }));
    onResolve({ filter: /^(?:[^./]|\/\/)/ }, async ({ path, pluginData, kind, importer, resolveDir }) => {
      if (pluginData === isAsked || kind === "entry-point") return undefined;
      const refusal = refuseImport(path);
      if (!refusal) return undefined;
      if (mayBePackage(path)) {
        const found = await resolvePath(path, { kind, importer, resolveDir, pluginData: isAsked });
        if (found.errors.length === 0) return undefined;
      }
      return { errors: [{ text: refusal }] };
    });
  },
};

function withAbsoluteSources(sourceMap: string, dir: string): string {
  const map = JSON.parse(sourceMap) as { sources: string[] };
  map.sources = map.sources.map((source) => resolve(dir, source));
  return JSON.stringify(map);
}
