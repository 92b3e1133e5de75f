import { randomUUID } from "node:crypto";
import { SourceMap, type SourceMapPayload, type SourceMapping } from "node:module";
import { dirname, extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildFailure, Message, Plugin } from "esbuild";
import { runEsbuild } from "../../../policies/bundle/esbuild.ts";
import { ConfigError } from "../errors.ts";
import { drawCodeFrame } from "./code-frame.ts";

/**
 * The default export of a config written in TypeScript or JavaScript.
 *
 * The file and what it imports become one script, imported from a data: URL of its own: Node's module cache never
 * answers with an earlier version, and the file need not lie in a package.
 */
export async function runScript(file: string): Promise<unknown> {
  const { code, sourceMap } = await bundle(file);
  const name = `framegate-config-${randomUUID()}`;
  const url = `data:text/javascript;base64,${Buffer.from(`${code}\n//# sourceURL=${name}`).toString("base64")}`;
  const exports = await import(url).catch((cause: unknown) => {
    throw describeThrow(file, cause, name, sourceMap);
  });
  if (exports.default !== undefined) return exports.default;
  throw new ConfigError(
    "ERR_CONFIG_UNREADABLE",
    `${file} has no default export. Write \`export default defineConfig({ … })\`.`,
  );
}

interface Script {
  readonly code: string;
  readonly sourceMap: SourceMapPayload;
}

async function bundle(file: string): Promise<Script> {
  try {
    const { outputFiles } = await runEsbuild({
      entryPoints: [file],
      absWorkingDir: dirname(file),
      outdir: dirname(file),
      bundle: true,
      write: false,
      platform: "node",
      format: "esm",
      target: "node24",
      sourcemap: "external",
      logLevel: "silent",
      // Other people's tsconfig.json, up the tree, must not change how a config is read.
      tsconfigRaw: {},
      plugins: [resolveFramegate()],
      define: {
        "import.meta.url": JSON.stringify(pathToFileURL(file).href),
        "import.meta.filename": JSON.stringify(file),
        "import.meta.dirname": JSON.stringify(dirname(file)),
      },
      // What a bundled CommonJS package needs.
      banner: {
        js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(${JSON.stringify(file)});`,
      },
    });
    const [map, code] = outputFiles;
    return { code: code!.text, sourceMap: JSON.parse(map!.text) };
  } catch (cause) {
    throw describeBuildFailure(file, cause);
  }
}

/** `import { defineConfig } from "framegate"` means this installation, wherever the config file lies. */
function resolveFramegate(): Plugin {
  const module = fileURLToPath(new URL(`../define-config${extname(import.meta.url)}`, import.meta.url));
  return {
    name: "framegate",
    setup({ onResolve }) {
      onResolve({ filter: /^framegate$/ }, () => ({ path: module }));
    },
  };
}

function describeBuildFailure(file: string, cause: unknown): ConfigError {
  const errors = (cause as Partial<BuildFailure>).errors;
  if (errors === undefined || errors.length === 0) {
    return new ConfigError("ERR_CONFIG_UNREADABLE", `${file}: ${String(cause)}`, { cause });
  }
  const message = errors.map((error) => describeMessage(file, error)).join("\n\n");
  return new ConfigError("ERR_CONFIG_UNREADABLE", message, { cause });
}

function describeMessage(file: string, { text, location }: Message): string {
  if (location === null) return `${file}: ${text}`;
  const place = `${resolve(dirname(file), location.file)}:${location.line}:${location.column + 1}`;
  const gap = " ".repeat(String(location.line).length);
  const frame = `  ${location.line} │ ${location.lineText}\n  ${gap} │ ${" ".repeat(location.column)}^`;
  return `${place}: ${text}\n\n${frame}`;
}

/** What the config threw while it ran, at the author's line. */
function describeThrow(file: string, cause: unknown, name: string, payload: SourceMapPayload): ConfigError {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : `it threw ${String(cause)}`;
  const stack = cause instanceof Error ? (cause.stack ?? "") : "";
  const [, line, column] = new RegExp(`${name}:(\\d+):(\\d+)`).exec(stack) ?? [];
  const entry: Partial<SourceMapping> =
    line === undefined ? {} : new SourceMap(payload).findEntry(Number(line) - 1, Number(column) - 1);
  const { originalSource, originalLine = 0, originalColumn = 0 } = entry;
  if (originalSource === undefined) {
    return new ConfigError("ERR_CONFIG_UNREADABLE", `${file}: ${reason}`, { cause });
  }
  const text = payload.sourcesContent[payload.sources.indexOf(originalSource)] ?? "";
  const frame = drawCodeFrame(text, originalLine + 1, originalColumn + 1);
  const place = `${resolve(dirname(file), originalSource)}:${originalLine + 1}:${originalColumn + 1}`;
  return new ConfigError("ERR_CONFIG_UNREADABLE", `${place}: ${reason}\n\n${frame}`, { cause });
}
