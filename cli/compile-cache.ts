import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * In a checkout: what V8 made of the sources, and what is left of them without their types, is kept for the next start, of
 * workers too; to make it is the most of a start. A package has few files, without types.
 */
export function keepCompiled(): void {
  if (!import.meta.url.endsWith(".ts")) return;
  const folder = fileURLToPath(new URL("../node_modules/.cache/framegate/compiled", import.meta.url));
  process.env.NODE_COMPILE_CACHE ??= folder;
  enableCompileCache(process.env.NODE_COMPILE_CACHE);
}
