import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { Button } from "../../../parts/basics.tsx";
import type { FilterTerm } from "../columns/column.ts";

/** Adds a condition to the filter of the table; undefined: there is no table. */
export const AddTermContext = createContext<((term: FilterTerm, isExcluded: boolean) => void) | undefined>(
  undefined,
);

/** Beside a value of the detail: filter by it, or by all but it. */
export function FilterButtons({ field, value }: FilterTerm) {
  const add = useContext(AddTermContext);
  if (add === undefined || value === "") return null;
  return (
    <span class="filter-buttons">
      <Button
        icon="filter"
        look="quiet"
        label={`Filter by ${field} ${value}`}
        onClick={() => add({ field, value }, false)}
      />
      <Button
        icon="exclude"
        look="quiet"
        label={`Exclude ${field} ${value}`}
        onClick={() => add({ field, value }, true)}
      />
    </span>
  );
}
