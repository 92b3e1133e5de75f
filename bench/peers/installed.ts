import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What npm brings: `bench/package.json` names it, so that the product does not carry it. */
export const NPM_HINT = "npm ci --ignore-scripts --prefix bench";

const modules = fileURLToPath(new URL("../node_modules/", import.meta.url));

export function hasPackage(name: string): boolean {
  return existsSync(join(modules, name, "package.json"));
}

/** A program below `bench/node_modules`, where npm has put it, or else one that is on the PATH. */
export function findProgram(name: string, inModules?: string): string | undefined {
  const places = [
    ...(inModules === undefined ? [] : [join(modules, inModules)]),
    ...[...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"].map((folder) => join(folder, name)),
  ];
  return places.find((place) => existsSync(place));
}
