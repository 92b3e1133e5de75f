import { resolve } from "node:path";
import type { PolicySource } from "./folder.ts";

/** By the hook: the type of it in `framegate/policy`. */
const TYPES = {
  upgrade: "Upgrade<any>",
  unavailable: "Unavailable<any>",
  client: "Message<any, any>",
  server: "Message<any, any>",
  tick: "Tick<any, any>",
  renew: "Renew<any, any>",
} as const;

const HEAD = [
  'import type * as api from "framegate/policy";',
  "declare function hook<T, Name extends string>(of: T, name: Name): T extends { readonly [_ in Name]: infer Hook } ? Hook : undefined;",
];

/** A module in which each hook is held against its type: an author need not have written it. A line for each hook. */
export function renderHookTypes(sources: readonly PolicySource[]): string {
  const hooks = Object.entries(TYPES);
  const lines = sources.flatMap(({ file }, policy) => {
    const imported = `import * as policy${policy} from ${JSON.stringify(resolve(file))};`;
    return [
      imported,
      ...hooks.map(
        ([name, type]) =>
          `export const ${name}${policy}: api.${type} | undefined = hook(policy${policy}, "${name}");`,
      ),
    ];
  });
  return [...HEAD, ...lines, ""].join("\n");
}

/** @param line of the module, from 1 */
export function sourceOfLine(line: number, sources: readonly PolicySource[]): PolicySource | undefined {
  return sources[Math.floor((line - 1 - HEAD.length) / (1 + Object.keys(TYPES).length))];
}
