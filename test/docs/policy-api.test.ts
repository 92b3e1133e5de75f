import { readFileSync } from "node:fs";
import test from "ava";
import { readDeclarations } from "../../scripts/declarations.ts";
import { renderPolicyApi } from "../../scripts/write-policy-api.ts";
import { renderVerdictKeys } from "../../scripts/write-verdict-keys.ts";
import { readDocument } from "./documents.ts";

test("docs/policy-api.md is what `node scripts/write-policy-api.ts` writes", async (t) => {
  t.is(await readDocument("docs/policy-api.md"), renderPolicyApi());
});

test("sandbox/contract/verdict-keys.ts is what `node scripts/write-verdict-keys.ts` writes", (t) => {
  t.is(
    readFileSync(new URL("../../sandbox/contract/verdict-keys.ts", import.meta.url), "utf8"),
    renderVerdictKeys(),
  );
});

test("every exported type and every global is in it", (t) => {
  const text = renderPolicyApi();
  const names = [
    "Upgrade",
    "Message",
    "Close",
    "MessageVerdict",
    "UpgradeVerdict",
    "Json",
    "URL",
    "crypto",
    "atob",
  ];
  for (const name of names) t.true(text.includes(`\n### ${name}\n`), name);
  t.false(text.includes("### Serialisable"));
});

test("declarations end where they end", (t) => {
  const source = [
    "/** One. */",
    "export type A =",
    "  | string",
    "  | number;",
    "export interface B {",
    "  /** Inner. */",
    "  readonly b: string;",
    "}",
    "",
    "declare function c(",
    "  a: string,",
    "): void;",
    "export type D<T> = (",
    "  context: T,",
    ") => void;",
  ].join("\n");
  const found = readDeclarations(source);
  t.deepEqual(
    found.map(({ name, text, code }) => [name, text, code.split("\n").length]),
    [
      ["A", "One.", 3],
      ["B", "", 4],
      ["c", "", 3],
      ["D", "", 3],
    ],
  );
});
