import { glob, readFile, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { build, type Plugin } from "esbuild";

/** Where a process begins, and what others import. */
const ENTRIES = [
  "cli/main.js",
  "core/index.js",
  "core/attach/adapters/express.js",
  "core/attach/adapters/fastify.js",
  "core/attach/adapters/hono.js",
  "core/workers/worker-process.js",
  "runtime/index.js",
  "testing/index.js",
];
/** What is read as a file of its own: bundled with a policy or a config, wherever that lies. */
const READ = [
  "policies/standard/*.js",
  "policies/xml/*.js",
  "policies/lenses/index.js",
  "policies/lenses/mqtt/stand-ins/*.js",
  "policies/messages/index.js",
  "policies/options/answer.js",
  "policies/options/answer-with-formats.js",
  "core/config/define-config.js",
  "sandbox/policy-api.js",
];
/** Found as packages: each has a binary, or a file that is started. */
const PACKAGES = ["esbuild", "isolated-vm", "typescript"];
/** Of `ws`, which goes on without them. */
const OPTIONAL = ["bufferutil", "utf-8-validate"];
/** Beside the others, so that the way from any of them to any other file has one step up. */
const FOLDER = "run";

/**
 * Makes of the compiled files in `dist`, and of the packages that they use, as few as are loaded together: a process that
 * reads three hundred files takes twice as long to start. Their versions are fixed, so that nothing else would be found
 * where it is installed. Of the rest only declarations are left; each entry leads to where it is now.
 */
export async function bundleProcesses(dist: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: dist,
    entryPoints: Object.fromEntries(ENTRIES.map((entry) => [entry.replaceAll("/", "-").slice(0, -3), entry])),
    outdir: FOLDER,
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    external: [...PACKAGES, ...OPTIONAL],
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
    plugins: [keepPlaces(dist), askForBuiltins(), leaveOutLanguages(), nameExports(dist)],
  });
  const read = await inputsOf(dist, READ);
  for await (const file of glob("**/*.js", { cwd: dist, exclude: [FOLDER] }))
    if (!read.has(file)) await rm(join(dist, file));
  for (const [output, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint === undefined || !ENTRIES.includes(entryPoint)) continue;
    const way = relative(dirname(entryPoint), output);
    await writeFile(join(dist, entryPoint), `export * from "${way.startsWith(".") ? way : `./${way}`}";\n`);
  }
}

/** Files are found from where the module that looks for them was, not from where its code is now. */
function keepPlaces(dist: string): Plugin {
  return {
    name: "keep-places",
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, async ({ path }) => {
        if (!path.startsWith(dist + sep) || path.includes(`${sep}node_modules${sep}`)) return undefined;
        const place = `new URL(${JSON.stringify(`../${relative(dist, path)}`)}, import.meta.url).href`;
        const text = await readFile(path, "utf8");
        return { contents: text.replaceAll(/(?<!")\bimport\.meta\.url\b/g, place) };
      });
    },
  };
}

/**
 * What `import` brings of a module of Node's own is all of it, and all that of `node:http` is loads undici: 100 ms and 15 MiB
 * in each process. To ask for the module brings what is used. So do packages that `require`, which there is none of here.
 */
function askForBuiltins(): Plugin {
  const namespace = "builtin";
  return {
    name: "ask-for-builtins",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(node:)?[a-z_0-9/]+$/ }, ({ path, kind }) => {
        if (!isBuiltin(path)) return undefined;
        const name = path.startsWith("node:") ? path : `node:${path}`;
        const isAskedFor = kind === "require-call" || /^node:https?$/.test(name);
        return isAskedFor ? { path: name, namespace } : { path: name, external: true };
      });
      onLoad({ filter: /./, namespace }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      }));
    },
  };
}

/** zod's own words for what is wrong, in forty languages: ours are used. */
function leaveOutLanguages(): Plugin {
  return {
    name: "leave-out-languages",
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
        contents: 'export { default as en } from "./en.js";',
      }));
    },
  };
}

/** What `import()` gives of a package in CommonJS is `default` and nothing else once it is bundled; where it is found as a package it has its names. */
function nameExports(dist: string): Plugin {
  const namespace = "named";
  return {
    name: "name-exports",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[@a-z]/ }, ({ path, kind, importer, resolveDir }) => {
        const isOurs = kind === "dynamic-import" && importer.startsWith(dist + sep);
        if (!isOurs || isBuiltin(path) || PACKAGES.includes(path)) return undefined;
        return { path, namespace, pluginData: { resolveDir } };
      });
      onLoad({ filter: /./, namespace }, async ({ path, pluginData }) => {
        const names = Object.keys(await import(path)).filter((name) => /^[\w$]+$/.test(name));
        return {
          contents: `export { ${names.join(", ")} } from ${JSON.stringify(path)};`,
          resolveDir: (pluginData as { readonly resolveDir: string }).resolveDir,
        };
      });
    },
  };
}

async function inputsOf(dist: string, entryPoints: string[]): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    absWorkingDir: dist,
    entryPoints,
    outdir: FOLDER,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    packages: "external",
    metafile: true,
  });
  return new Set(Object.keys(metafile.inputs));
}
