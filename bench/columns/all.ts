import { changeColumns } from "./changes.ts";
import type { Column, Extent } from "./column.ts";
import { latencyColumns } from "./latency.ts";
import { memoryColumns } from "./memory.ts";
import { messageColumns } from "./messages.ts";
import { upgradeColumns } from "./upgrades.ts";

/** In the order of the tables. */
export function allColumns(extent: Extent): readonly Column[] {
  return [
    ...messageColumns(extent),
    ...upgradeColumns(extent),
    ...memoryColumns(extent),
    ...latencyColumns(extent),
    ...changeColumns(extent),
  ];
}
