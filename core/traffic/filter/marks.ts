import type { FilterTree } from "./tree.ts";

/** A text that is looked for, whatever its case, or a pattern: what to show where it is found. */
export type FilterMark =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "pattern"; readonly source: string; readonly flags: string };

/** Those of what must be there; of what must not be there nothing is found. */
export function marksOf(tree: FilterTree): readonly FilterMark[] {
  switch (tree.type) {
    case "and":
    case "or":
      return tree.of.flatMap(marksOf);
    case "not":
      return [];
    case "test": {
      const { field, operator, value } = tree;
      if ((field !== undefined && field !== "text") || operator === "!=") return [];
      if (value.type === "pattern") return [value];
      return value.text === "" ? [] : [{ type: "text", text: value.text }];
    }
  }
}
