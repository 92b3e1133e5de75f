import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The guest's code as one script whose value is the function `boot`. */
export async function bundleGuest(): Promise<string> {
  const ending = extname(fileURLToPath(import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`./guest/main${ending}`, import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "guest",
    target: "es2024",
    platform: "neutral",
    legalComments: "none",
    logLevel: "silent",
  });
  return `(() => { "use strict";\n${outputFiles[0]?.text}\nreturn guest.boot; })()`;
}
