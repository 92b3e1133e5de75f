import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../../../parts/icon.tsx";
import type { FilterTerm } from "../columns/column.ts";

export interface MenuPlace {
  readonly x: number;
  readonly y: number;
  /** What the row can be filtered by, what was pointed at first. */
  readonly terms: readonly FilterTerm[];
}

interface RowMenuProps {
  readonly place: MenuPlace;
  readonly onFilter: (term: FilterTerm, isExcluded: boolean) => void;
  readonly onClose: () => void;
}

const MOST_TERMS = 8;
const WIDTH = 300;
const ITEM_HEIGHT = 30;

/** What a row can be filtered by: this value, or all but it. */
export function RowMenu({ place, onFilter, onClose }: RowMenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    menu.current?.querySelector("button")?.focus();
    const onOutside = ({ target }: Event) => {
      if (!menu.current?.contains(target as Node)) onClose();
    };
    addEventListener("pointerdown", onOutside);
    addEventListener("wheel", onOutside);
    return () => {
      removeEventListener("pointerdown", onOutside);
      removeEventListener("wheel", onOutside);
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      return onClose();
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const items = [...(menu.current?.querySelectorAll("button") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    items[(at + step + items.length) % items.length]?.focus();
  };
  const terms = place.terms.slice(0, MOST_TERMS);
  const height = terms.length * ITEM_HEIGHT + 12;
  const left = Math.max(4, Math.min(place.x, innerWidth - WIDTH - 8));
  const top = Math.max(4, Math.min(place.y, innerHeight - height - 8));
  return (
    <div
      ref={menu}
      class="row-menu popover"
      role="menu"
      aria-label="Filter by this row"
      tabIndex={-1}
      style={{ left: `${left}px`, top: `${top}px`, width: `${WIDTH}px` }}
      onKeyDown={onKeyDown}
    >
      {terms.map((term) => {
        const words = `${term.field}:${term.value}`;
        const choose = (isExcluded: boolean) => () => {
          onClose();
          onFilter(term, isExcluded);
        };
        return (
          <div key={words} class="row-menu-line" role="none">
            <button type="button" role="menuitem" tabIndex={-1} onClick={choose(false)}>
              Filter by <code>{words}</code>
            </button>
            <button
              type="button"
              role="menuitem"
              tabIndex={-1}
              aria-label={`Exclude ${words}`}
              title={`Exclude ${words}`}
              onClick={choose(true)}
            >
              <Icon name="exclude" />
            </button>
          </div>
        );
      })}
    </div>
  );
}
