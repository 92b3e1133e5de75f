import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../../parts/basics.tsx";
import type { TrafficColumn } from "./column.ts";

interface ColumnsMenuProps {
  readonly all: readonly TrafficColumn[];
  readonly isWanted: (column: TrafficColumn) => boolean;
  /** Wanted, and there is no room for them. */
  readonly left: readonly TrafficColumn[];
  readonly onToggle: (column: TrafficColumn, isWanted: boolean) => void;
  readonly onReset: () => void;
}

/** Which columns are shown. */
export function ColumnsMenu({ all, isWanted, left, onToggle, onReset }: ColumnsMenuProps) {
  const [isOpen, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const onOutside = (event: Event) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", onOutside);
    addEventListener("focusin", onOutside);
    return () => {
      removeEventListener("pointerdown", onOutside);
      removeEventListener("focusin", onOutside);
    };
  }, [isOpen]);
  return (
    <div
      ref={frame}
      class="columns-menu"
      role="group"
      aria-label="Columns"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        setOpen(false);
        frame.current?.querySelector("button")?.focus();
      }}
    >
      <Button
        icon="columns"
        isOn={isOpen}
        label="Columns"
        title="Which columns are shown"
        onClick={() => setOpen(!isOpen)}
      />
      {isOpen && (
        <fieldset class="popover">
          <legend class="sr-only">Which are shown</legend>
          {all.map((column) => (
            <label key={column.id}>
              <input
                type="checkbox"
                checked={isWanted(column)}
                disabled={column.rank === 9}
                onChange={(event) => onToggle(column, event.currentTarget.checked)}
              />
              <span>{column.title}</span>
              {left.includes(column) && <span class="muted">no room</span>}
            </label>
          ))}
          <Button look="quiet" onClick={onReset}>
            As they were
          </Button>
        </fieldset>
      )}
    </div>
  );
}
