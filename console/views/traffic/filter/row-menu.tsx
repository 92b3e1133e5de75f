import type { FrameRecord, TrafficRecord } from "../../../../core/traffic/records.ts";
import { Icon } from "../../../parts/icon.tsx";
import { Menu, MenuItem } from "../../../parts/menu/menu.tsx";
import { CopyItems } from "../actions/copy-items.tsx";
import { RecordItems } from "../actions/record-items.tsx";
import type { FilterTerm } from "../columns/column.ts";

export interface MenuPlace {
  readonly x: number;
  readonly y: number;
  readonly record: TrafficRecord;
  /** What the row can be filtered by, what was pointed at first. */
  readonly terms: readonly FilterTerm[];
}

interface RowMenuProps {
  readonly place: MenuPlace;
  readonly onFilter: (term: FilterTerm, isExcluded: boolean) => void;
  readonly onResend: (message: FrameRecord) => void;
  readonly onClose: () => void;
}

const MOST_TERMS = 8;

/** What a row can be filtered by, this value or all but it, what it can be copied as, and what can be done with it. */
export function RowMenu({ place, onFilter, onResend, onClose }: RowMenuProps) {
  return (
    <Menu label="Of this row" place={place} onClose={onClose}>
      <div class="menu-group" role="group" aria-label="Filter by this row">
        {place.terms.slice(0, MOST_TERMS).map((term) => {
          const words = `${term.field}:${term.value}`;
          const choose = (isExcluded: boolean) => () => {
            onClose();
            onFilter(term, isExcluded);
          };
          return (
            <div key={words} class="menu-line" role="none">
              <MenuItem onChoose={choose(false)}>
                Filter by <code>{words}</code>
              </MenuItem>
              <MenuItem label={`Exclude ${words}`} onChoose={choose(true)}>
                <Icon name="exclude" />
              </MenuItem>
            </div>
          );
        })}
      </div>
      <CopyItems record={place.record} onDone={onClose} />
      <RecordItems record={place.record} onDone={onClose} onResend={onResend} />
    </Menu>
  );
}
