import { readFileSync } from "node:fs";

/** Framegate's own. package.json is two folders up in a package (dist/core), one in the source tree. */
export function readVersion(): string {
  for (const place of ["../package.json", "../../package.json"]) {
    try {
      return JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8")).version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return "0.0.0";
}
