/**
 * Bundles the console into a folder that any web server can serve as it is: index.html and files whose names change
 * with what is in them. Nothing is inline, nothing comes from another host, so the strictest CSP holds.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = fileURLToPath(new URL(".", import.meta.url));

/** Empties `outDir` and fills it. */
export async function bundleConsole(outDir: string): Promise<void> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: { console: "main.tsx" },
    outdir: join(outDir, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    bundle: true,
    // What few need is loaded when it is needed.
    splitting: true,
    minify: true,
    format: "esm",
    target: ["es2022"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
    loader: { ".svg": "file" },
    metafile: true,
    logLevel: "silent",
  });
  const outputs = Object.entries(metafile.outputs);
  const [script = "", { cssBundle = "" } = {}] =
    outputs.find(([, { entryPoint }]) => entryPoint === "main.tsx") ?? [];
  const page = await readFile(join(folder, "index.html"), "utf8");
  const icon = await readFile(join(folder, "favicon.svg"), "utf8");
  await writeFile(join(outDir, "assets/favicon.svg"), icon);
  await writeFile(
    join(outDir, "index.html"),
    page
      .replace("console.css", `/assets/${basename(cssBundle)}`)
      .replace("console.js", `/assets/${basename(script)}`),
  );
}
