/** Writes docs/policy-api.md from the types that authors of policies see. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Declaration, readDeclarations } from "./declarations.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

export function renderPolicyApi(): string {
  return [
    "# Policy API",
    "",
    "What a policy gets and gives, as the types say it. Written by `scripts/write-policy-api.ts`: edit the types. What it",
    "means is in [Policies](policies.md).",
    "",
    "- [What `framegate/policy` exports](#what-framegatepolicy-exports)",
    "- [Globals of the sandbox](#globals-of-the-sandbox)",
    "",
    "## What `framegate/policy` exports",
    ...renderFile("sandbox/policy-api.ts", ({ code }) => code.startsWith("export ")),
    "",
    "## Globals of the sandbox",
    ...renderFile("sandbox/globals.d.ts", () => true),
    "",
  ].join("\n");
}

/** That a verdict has no other keys is for the compiler. */
const ONLY_KEYS = /\(?(\w+(?: \| \w+)*)\)? & Only\w+Keys\)?/g;

function renderFile(path: string, isShown: (declaration: Declaration) => boolean): string[] {
  const declarations = readDeclarations(readFileSync(`${root}${path}`, "utf8")).filter(isShown);
  // A class of the web is a type and a variable of one name.
  const byName = Map.groupBy(declarations, ({ name }) => name);
  return [...byName].flatMap(([name, parts]) => {
    const texts = parts.map(({ text }) => text).filter(Boolean);
    const code = parts
      .map((part) => part.code.replaceAll(/^export /gm, "").replaceAll(ONLY_KEYS, "$1"))
      .join("\n");
    return ["", `### ${name}`, "", ...texts.flatMap((text) => [text, ""]), "```ts", code, "```"];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(`${root}docs/policy-api.md`, renderPolicyApi());
