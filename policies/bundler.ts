import { createHash } from "node:crypto";
import { dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type BuildFailure,
  type BuildOptions,
  build,
  formatMessages,
  type Message,
  type Plugin,
} from "esbuild";
import type { PolicyBundle } from "../sandbox/contract.ts";
import { messageOf, PoliciesError } from "./error.ts";
import type { PolicySource } from "./folder.ts";
import { mayBePackage, refuseImport } from "./foreign-imports.ts";
import type { PackedBundle } from "./pack/pack-bundle.ts";
import { showPath } from "./shown-path.ts";

export interface Bundle extends PolicyBundle {
  /** Absolute paths of all files that went in. */
  readonly inputs: readonly string[];
  /** Of a policy that comes from a pack. */
  readonly packed?: PackedBundle;
}

/** `.ts` in a checkout, `.js` in the published package. */
const policyApi = fileURLToPath(new URL(`../sandbox/policy-api${extname(import.meta.url)}`, import.meta.url));

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
    const { outputFiles } = await build(optionsFor(source, inputs));
    const sourceMap = outputFiles!.find((file) => file.path.endsWith(".map"))!.text;
    const code = outputFiles!.find((file) => file.path.endsWith(".js"))!.text;
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
    throw await explain(source, inputs, cause);
  }
}

function optionsFor(source: PolicySource, inputs: Set<string>): BuildOptions {
  const dir = dirname(source.file);
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
    plugins: [recordInputs(inputs), guardImports],
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

async function explain(source: PolicySource, inputs: Set<string>, cause: unknown): Promise<PoliciesError> {
  const dir = dirname(source.file);
  const errors = isBuildFailure(cause) ? cause.errors.map((error) => reword(error, dir)) : [];
  const first = errors[0];
  if (!first) {
    const message = `${showPath(source.file)}: cannot be bundled: ${messageOf(cause)}`;
    return new PoliciesError("ERR_POLICY_BUNDLE", message, { cause, inputs: [...inputs] });
  }
  for (const error of errors) addMissingImport(error, inputs);
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const message = `${placeOf(first) || showPath(source.file)}: ${first.text}${more}`;
  const frame = await drawFrame(errors);
  return new PoliciesError("ERR_POLICY_BUNDLE", message, { frame, cause, inputs: [...inputs] });
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}

/** esbuild's advice is for those who can change its options; ours is for the author of a policy. */
function reword(error: Message, dir: string): Message {
  const location = error.location && { ...error.location, file: showPath(resolve(dir, error.location.file)) };
  const missing = unresolvedImport(error);
  if (error.text.startsWith("Top-level await")) {
    const text = "A policy cannot `await` at its top level. Await inside a hook instead.";
    return { ...error, location, text };
  }
  if (missing && !isRelative(missing)) {
    const text = `Could not resolve "${missing}". Install the package in ${showPath(dir)} or a folder above it.`;
    return { ...error, location, text, notes: [] };
  }
  return { ...error, location };
}

/** A file that is imported but not there yet: its appearance mends the build, wherever it is. */
function addMissingImport(error: Message, inputs: Set<string>): void {
  const missing = unresolvedImport(error);
  if (!missing || !isRelative(missing) || !error.location) return;
  inputs.add(resolve(dirname(resolve(error.location.file)), missing));
}

function unresolvedImport(error: Message): string | undefined {
  return /^Could not resolve "([^"]+)"/.exec(error.text)?.[1];
}

function isRelative(path: string): boolean {
  return /^\.{0,2}\//.test(path);
}

/** `file:line:column`, both from 1, column in characters: what editors jump to. */
function placeOf({ location }: Message): string {
  if (!location) return "";
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
  return `${location.file}:${location.line}:${before.length + 1}`;
}

async function drawFrame(errors: readonly Message[]): Promise<string> {
  const drawn = await formatMessages([...errors], { kind: "error", color: false });
  return drawn.map((text, i) => usePlace(text, errors[i]!).trimEnd()).join("\n\n");
}

/** esbuild counts columns from 0 and in bytes: let message and frame name the same place. */
function usePlace(text: string, error: Message): string {
  if (!error.location) return text;
  const { file, line, column } = error.location;
  return text.replace(`${file}:${line}:${column}:`, () => `${placeOf(error)}:`);
}
