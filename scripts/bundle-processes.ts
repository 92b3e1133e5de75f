import { glob, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";

/** Where a process begins, and what others import. */
const ENTRIES = ["cli/main.js", "core/index.js", "core/cluster/worker-process.js", "testing/index.js"];
/** What is read as a file of its own: bundled with a policy or a config, wherever that lies. */
const READ = [
  "policies/standard/*.js",
  "policies/options/answer.js",
  "core/config/define-config.js",
  "sandbox/policy-api.js",
];
/** Beside the others, so that the way from any of them to any other file has one step up. */
const FOLDER = "run";

/**
 * Makes of the compiled files in `dist` as few as are loaded together: a process that reads three hundred files takes
 * twice as long to start. Of the rest only declarations are left; each entry leads to where it is now.
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
    packages: "external",
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
    plugins: [keepPlaces(dist)],
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
        const place = `new URL(${JSON.stringify(`../${relative(dist, path)}`)}, import.meta.url).href`;
        const text = await readFile(path, "utf8");
        return { contents: text.replaceAll(/(?<!")\bimport\.meta\.url\b/g, place) };
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
