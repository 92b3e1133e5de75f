import type { ComponentChildren } from "preact";

interface CellProps {
  readonly class?: string;
  readonly title?: string | undefined;
  readonly children?: ComponentChildren;
}

export function Cell({ class: name, title, children }: CellProps) {
  return (
    <span role="gridcell" class={name} title={title}>
      {children}
    </span>
  );
}

export function HeadCell({ class: name, children }: CellProps) {
  return (
    <span role="columnheader" class={name}>
      {children}
    </span>
  );
}
