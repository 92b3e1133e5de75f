import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Of the package that runs, or of the checkout. */
const isCheckout = import.meta.filename.endsWith(".ts");
const root = fileURLToPath(new URL(isCheckout ? "../../" : "../../../", import.meta.url)).replace(
  /[\\/]$/,
  "",
);

/**
 * What a project's package.json says of framegate, so that `npm install` there gets what this was installed from: a
 * file, a folder or a URL, else the version from the registry.
 */
export async function findInstalledSpec(target: string, version: string): Promise<string> {
  return isCheckout ? fileSpec(root, target) : specOf(root, target, version);
}

/** @param installed the folder of the package below some `node_modules` */
export async function specOf(installed: string, target: string, version: string): Promise<string> {
  const modules = dirname(installed);
  const resolved = await readResolved(modules);
  if (resolved === undefined || isOfRegistry(resolved)) return `^${version}`;
  if (!resolved.startsWith("file:")) return resolved;
  return fileSpec(resolve(dirname(modules), resolved.slice("file:".length)), target);
}

/** npm's note of what is in a `node_modules`. */
async function readResolved(modules: string): Promise<string | undefined> {
  const text = await readFile(join(modules, ".package-lock.json"), "utf8").catch(() => "{}");
  const { packages } = JSON.parse(text) as {
    readonly packages?: Readonly<Record<string, { readonly resolved?: string }>>;
  };
  return packages?.["node_modules/framegate"]?.resolved;
}

function isOfRegistry(resolved: string): boolean {
  return /^https?:\/\/[^?#]*\/framegate\/-\/framegate-[^/]*\.tgz$/.test(resolved);
}

function fileSpec(path: string, target: string): string {
  const way = relative(target, path) || ".";
  return `file:${way.split(sep).join("/")}`;
}
