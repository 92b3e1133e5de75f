import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions } from "esbuild";

/** What runs behind the wall. */
export interface SandboxBundles {
  /** The guest's code as one script whose value is the function `boot`. */
  readonly guest: string;
  /** The path of what a host runs. */
  readonly hostMain: string;
}

let found: Promise<SandboxBundles> | undefined;

/**
 * Found once a process. The package has them. From sources, Node would strip the types of each file of the host anew in
 * each host, and take longer for that than for all else of its start, so a checkout has it bundled. What a checkout has
 * bundled is kept for all processes, under the digest of what it is made of.
 */
export function findBundles(): Promise<SandboxBundles> {
  found ??= extname(import.meta.url) === ".js" ? readPackage() : bundleCheckout();
  return found;
}

async function readPackage(): Promise<SandboxBundles> {
  return { guest: await readFile(pathOf("./guest.js"), "utf8"), hostMain: pathOf("./host/main.js") };
}

async function bundleCheckout(): Promise<SandboxBundles> {
  const folder = pathOf(`../node_modules/.cache/framegate/sandbox/${await digestSources()}`);
  const hostMain = join(folder, "main.mjs");
  const [guest, isKept] = await Promise.all([
    findOrMake(join(folder, "guest.js"), bundleGuest),
    findOrMake(hostMain, bundleHost).then(() => existsSync(hostMain)),
  ]);
  // Where nothing may be written, a host runs the sources.
  return { guest, hostMain: isKept ? hostMain : pathOf("./host/main.ts") };
}

/** Of the sandbox's sources, and of the packages that may be in the bundles. */
async function digestSources(): Promise<string> {
  const sandbox = pathOf(".");
  const sources = (await readdir(sandbox, { recursive: true })).filter((file) => file.endsWith(".ts")).sort();
  const files = [pathOf("../package-lock.json"), ...sources.map((file) => join(sandbox, file))];
  const digest = createHash("sha256");
  for (const bytes of await Promise.all(files.map((file) => readFile(file)))) digest.update(bytes);
  return digest.digest("hex").slice(0, 16);
}

async function findOrMake(file: string, make: () => Promise<string>): Promise<string> {
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return kept;
  const text = await make();
  await keep(file, text).catch(() => {});
  return text;
}

/** @returns what `SandboxBundles` has, made from the sources */
export async function bundleGuest(): Promise<string> {
  const text = await bundle("./guest/main.ts", {
    format: "iife",
    globalName: "guest",
    target: "es2024",
    platform: "neutral",
  });
  return `(() => { "use strict";\n${text}\nreturn guest.boot; })()`;
}

/** @returns what a host runs, made from the sources */
export function bundleHost(): Promise<string> {
  return bundle("./host/main.ts", { format: "esm", target: "node24", platform: "node" });
}

async function bundle(entry: string, options: BuildOptions): Promise<string> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    ...options,
    entryPoints: [pathOf(entry)],
    bundle: true,
    write: false,
    legalComments: "none",
    logLevel: "silent",
  });
  return outputFiles?.[0]?.text ?? "";
}

/** Other processes may read the file, and write the same, at any time. */
async function keep(file: string, text: string): Promise<void> {
  const whole = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(whole, text);
  await rename(whole, file);
}

function pathOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
