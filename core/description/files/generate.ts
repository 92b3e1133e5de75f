import type { ReadDescription } from "../read-description.ts";
import { type GeneratedFile, sealCode, sealJson } from "./generated-file.ts";
import { renderPolicy } from "./policy-file.ts";
import { renderTests } from "./test-file.ts";
import { renderTypes } from "./types-file.ts";

export interface Generated {
  /** What the policy reads: what a later run compares with. */
  readonly data: GeneratedFile;
  readonly others: readonly GeneratedFile[];
  /** What is wrong with the description's examples. */
  readonly problems: readonly string[];
}

/** @param source the name of the document's file */
export function generateFiles(name: string, source: string, description: ReadDescription): Generated {
  // Whatever a file is called, a comment ends with its line.
  const shown = source.replaceAll(/\s+/g, " ");
  const madeBy = `Made by \`framegate asyncapi\` of ${shown}: change that, and run it again. A file that you edit is kept.`;
  const { title, path, messages } = description;
  const dataFile = `_${name}.json`;
  const tests = renderTests(`${name}.ts`, description);
  return {
    data: sealJson(dataFile, madeBy, { title, path, ...messages }),
    others: [
      sealCode(`${name}.ts`, madeBy, renderPolicy(dataFile, description)),
      sealCode(`_${name}.types.ts`, madeBy, renderTypes(messages)),
      sealCode(`${name}.test.ts`, madeBy, tests.code),
    ],
    problems: tests.problems,
  };
}
