import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface VirtualRowsProps {
  readonly count: number;
  readonly rowHeight: number;
  /** Moves when rows come before the first or go from there; the scroll position moves along. */
  readonly firstIndex: number;
  readonly isFollowing: boolean;
  readonly selected: number | undefined;
  readonly label: string;
  readonly header: ComponentChildren;
  readonly row: (index: number) => ComponentChildren;
  readonly onFollow: (isFollowing: boolean) => void;
  readonly onNearStart: () => void;
  readonly onNearEnd: () => void;
  readonly onMove: (index: number) => void;
  /** A menu of the selected row is asked for by a key. */
  readonly onMenu?: (index: number, row: Element) => void;
  readonly class?: string;
}

const OVERSCAN = 12;

/** A list of rows of one height, of which only those in sight are in the document. */
export function VirtualRows(props: VirtualRowsProps) {
  const { count, rowHeight, firstIndex, isFollowing, selected } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const header = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const anchor = useRef({ firstIndex, isOurs: false, top: 0 });

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      setView({ top: element.scrollTop, height: element.clientHeight });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const moved = anchor.current.firstIndex - firstIndex;
    anchor.current.firstIndex = firstIndex;
    const top = isFollowing ? element.scrollHeight : element.scrollTop + moved * rowHeight;
    if (isFollowing || moved !== 0) {
      element.scrollTop = top;
      anchor.current.top = element.scrollTop;
      if (element.scrollTop !== view.top) setView({ top: element.scrollTop, height: element.clientHeight });
    }
  });

  useEffect(() => {
    const element = scroller.current;
    if (element === null || selected === undefined) return;
    const top = selected * rowHeight;
    const room = element.clientHeight - (header.current?.offsetHeight ?? 0);
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + room) element.scrollTop = top + rowHeight - room;
  }, [selected === undefined ? undefined : selected + firstIndex]);

  const onScroll = () => {
    const element = scroller.current;
    // Of a table that has gone, there may be one more.
    if (element === null) return;
    const isUp = element.scrollTop < anchor.current.top - 1;
    const isDown = element.scrollTop > anchor.current.top + 1;
    anchor.current.top = element.scrollTop;
    setView({ top: element.scrollTop, height: element.clientHeight });
    const fromEnd = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (isFollowing && isUp && fromEnd > rowHeight) props.onFollow(false);
    if (!isFollowing && isDown && fromEnd < 2) props.onFollow(true);
    if (element.scrollTop < 60 * rowHeight && isUp) props.onNearStart();
    if (fromEnd < 60 * rowHeight && isDown) props.onNearEnd();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 2);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      j: 1,
      k: -1,
      PageDown: page,
      PageUp: -page,
    };
    const edges: Record<string, number> = { Home: 0, End: count - 1 };
    if ((event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) && selected !== undefined) {
      const row = scroller.current?.querySelector('[aria-selected="true"]') ?? null;
      if (row === null || props.onMenu === undefined) return;
      event.preventDefault();
      return props.onMenu(selected, row);
    }
    const step = steps[event.key];
    const edge = edges[event.key];
    if ((step === undefined && edge === undefined) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const start = selected ?? (step === 1 ? Math.floor(view.top / rowHeight) - 1 : count);
    props.onMove(Math.max(0, Math.min(count - 1, edge ?? start + step!)));
  };

  const first = Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN);
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN);
  const rows: ComponentChildren[] = [];
  for (let index = first; index < last; index++) rows.push(props.row(index));

  return (
    <div
      ref={scroller}
      class={`virtual ${props.class ?? ""}`}
      role="grid"
      aria-label={props.label}
      aria-rowcount={count + 1}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div ref={header} class="virtual-head" role="rowgroup">
        {props.header}
      </div>
      <div class="virtual-body" role="rowgroup" style={{ height: `${count * rowHeight}px` }}>
        <div class="virtual-shown" style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  );
}
