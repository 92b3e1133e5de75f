import { isBuiltin } from "node:module";

/** What an author can use in place of a Node module. */
const IN_PLACE_OF: Readonly<Record<string, string>> = {
  buffer: "Use TextEncoder, TextDecoder, Uint8Array, atob and btoa.",
  child_process: "A policy cannot start processes.",
  console: "Use the global `console`.",
  crypto: "Use the global `crypto`: getRandomValues, randomUUID and subtle.digest.",
  fs: "A policy cannot read files: import a JSON file, or take settings from the context's `options`.",
  http: "A policy cannot open connections.",
  https: "A policy cannot open connections.",
  net: "A policy cannot open connections.",
  os: "A policy cannot see the machine: take settings from the context's `options`.",
  perf_hooks: "Use Date.now().",
  process: "A policy cannot see the process: take settings from the context's `options`.",
  querystring: "Use the global URLSearchParams.",
  string_decoder: "Use the global TextDecoder.",
  tls: "A policy cannot open connections.",
  url: "Use the globals URL and URLSearchParams.",
  util: "Use the globals TextEncoder, TextDecoder and structuredClone.",
};

const WHAT_IS_THERE =
  "A policy may use the language, web-standard globals such as URL and crypto, and npm packages that need no Node modules.";

/** What an import path asks for that a sandbox cannot give, as one text for the author; undefined when it is fine. */
export function refuseImport(path: string): string | undefined {
  if (path === "framegate" || path.startsWith("framegate/")) {
    return `"${path}" is the gateway and does not exist in the sandbox. Import "framegate/policy", "framegate/lenses" or "framegate/messages".`;
  }
  if (/^(?:https?:)?\/\//.test(path)) {
    return `A policy cannot import from a URL ("${path}"). Install the package, or copy the file into the policy folder.`;
  }
  if (!isNodeModule(path)) return undefined;
  const module = path.replace(/^node:/, "").split("/")[0] as string;
  return `Node modules do not exist in the sandbox ("${path}"). ${IN_PLACE_OF[module] ?? WHAT_IS_THERE}`;
}

/** What an author can use in place of a global of Node's or of browsers'. */
const inPlaceOfGlobal: Readonly<Record<string, string>> = {
  Buffer: IN_PLACE_OF.buffer!,
  __dirname: IN_PLACE_OF.fs!,
  __filename: IN_PLACE_OF.fs!,
  performance: IN_PLACE_OF.perf_hooks!,
  process: IN_PLACE_OF.process!,
  require: "Use `import`.",
  setImmediate: "Use `queueMicrotask` or `setTimeout`.",
};

const ADVISES_TYPES = /type definitions|'lib' compiler option/;
const isNodeImport = (name: string): boolean => isNodeModule(name) && inPlaceOfGlobal[name] === undefined;

/** The same of a global. @param said what the compiler says of it, which may advise to install types that would help nobody */
export function refuseGlobal(name: string, said: string): string | undefined {
  const advice = inPlaceOfGlobal[name];
  const isUnknown = said.startsWith("Cannot find name");
  if (!isUnknown || isNodeImport(name) || (advice === undefined && !ADVISES_TYPES.test(said)))
    return undefined;
  return `\`${name}\` does not exist in the sandbox. ${advice ?? WHAT_IS_THERE}`;
}

/** Whether an npm package may go by this name as well (`events`, `buffer`), which is then what the author wants. */
export function mayBePackage(path: string): boolean {
  return isNodeModule(path) && !path.startsWith("node:");
}

function isNodeModule(path: string): boolean {
  return path.startsWith("node:") || isBuiltin(path);
}
