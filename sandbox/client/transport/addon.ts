import { createRequire } from "node:module";
import { dirname } from "node:path";

/** The file of `isolated-vm`. A host process may not search for it by itself: that would need the right to read anywhere. */
export function findAddon(): string {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("isolated-vm/package.json"));
  return createRequire(`${folder}/package.json`)("node-gyp-build").path(folder);
}
