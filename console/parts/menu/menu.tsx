import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import "./menu.css";

interface MenuProps {
  readonly label: string;
  /** Where it opens, in the window; absent: below what it is in. */
  readonly place?: { readonly x: number; readonly y: number };
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Goes by arrows, closes by Esc, Tab, and a click elsewhere; then what had the focus before has it again. */
export function Menu({ label, place, onClose, children }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    (itemsOf(menu.current)[0] ?? menu.current)?.focus();
    // The button beside it closes it by itself.
    const own = place === undefined ? menu.current?.parentElement : menu.current;
    const onOutside = ({ target }: Event) => {
      if (!own?.contains(target as Node)) onClose();
    };
    addEventListener("pointerdown", onOutside);
    addEventListener("wheel", onOutside);
    return () => {
      removeEventListener("pointerdown", onOutside);
      removeEventListener("wheel", onOutside);
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  useLayoutEffect(() => {
    const element = menu.current;
    if (element === null || place === undefined) return;
    element.style.left = `${Math.max(4, Math.min(place.x, innerWidth - element.offsetWidth - 8))}px`;
    element.style.top = `${Math.max(4, Math.min(place.y, innerHeight - element.offsetHeight - 8))}px`;
  });
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      return onClose();
    }
    const items = itemsOf(menu.current);
    const at = items.indexOf(document.activeElement as HTMLElement);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: items.length - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    items[(next + items.length) % items.length]?.focus();
  };
  return (
    <div
      ref={menu}
      class={`menu popover${place === undefined ? " below" : ""}`}
      role="menu"
      aria-label={label}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {children}
    </div>
  );
}

export function MenuItem({
  label,
  refusal = "",
  onChoose,
  children,
}: {
  readonly label?: string;
  /** Why it cannot be chosen now; empty when it can. */
  readonly refusal?: string;
  readonly onChoose: () => void;
  readonly children: ComponentChildren;
}) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      aria-label={label}
      title={refusal || label}
      aria-disabled={refusal === "" ? undefined : "true"}
      onClick={() => {
        if (refusal === "") onChoose();
      }}
    >
      {children}
    </button>
  );
}

/** Those that are in sight. */
function itemsOf(menu: HTMLElement | null): readonly HTMLElement[] {
  const items = menu?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [];
  return [...items].filter((item) => item.getClientRects().length > 0);
}
