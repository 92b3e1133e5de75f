/**
 * Compiles each test file, and what it imports, into the compile cache that `ava.config.js` names: in one process, where
 * ava would start the stripper of types anew in the process of each test file. After an edit it is what was edited.
 */
import { glob } from "node:fs/promises";
import { enableCompileCache, registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import config from "../ava.config.js";

enableCompileCache(config.environmentVariables.NODE_COMPILE_CACHE);

// A test file is linked, so compiled, with all that it imports; then this throws, and nothing of it runs.
const NOT_AVA = "data:text/javascript,export default 0; throw new Error('this is not ava');";
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "ava" ? { url: NOT_AVA, shortCircuit: true } : next(specifier, context),
});

const root = resolve(import.meta.dirname, "..");
for await (const file of glob(config.files, { cwd: root })) {
  await import(pathToFileURL(resolve(root, file)).href).catch(() => {});
}
