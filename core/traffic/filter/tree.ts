/** What a filter asks for, as it is read from its text and written back. */

import type { FieldName } from "./fields.ts";

export type FilterTree =
  | { readonly type: "and" | "or"; readonly of: readonly FilterTree[] }
  | { readonly type: "not"; readonly of: FilterTree }
  | FilterTest;

export interface FilterTest {
  readonly type: "test";
  /** Undefined: looked for in all texts of a record. */
  readonly field: FieldName | undefined;
  /** Of `attribute` and `header` the name; else empty. */
  readonly key: string;
  readonly operator: FilterOperator;
  readonly value: FilterValue;
}

export const FILTER_OPERATORS = [":", "=", "!=", "<", "<=", ">", ">="] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

export type FilterValue =
  /** `*` stands for anything in it; `quoted`: for itself. */
  | { readonly type: "word" | "quoted"; readonly text: string }
  | { readonly type: "pattern"; readonly source: string; readonly flags: string };
