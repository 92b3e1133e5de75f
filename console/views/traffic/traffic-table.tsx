import { useEffect, useRef, useState } from "preact/hooks";
import type { FrameRecord } from "../../../core/traffic/records.ts";
import { Button, Empty, Loading } from "../../parts/basics.tsx";
import { plural } from "../../parts/format.ts";
import { VirtualRows } from "../../parts/virtual-rows.tsx";
import { useApp } from "../../state/app.ts";
import type { Gap, Row } from "../../state/row-list.ts";
import type { TrafficWindow } from "../../state/traffic-window.ts";
import { ResendDialog } from "./actions/record-items.tsx";
import type { FilterTerm, ShownRecord, TrafficColumn } from "./columns/column.ts";
import { ColumnHead, type Sorting } from "./columns/head.tsx";
import { type ColumnLayout, layOutColumns, widthOf } from "./columns/layout.ts";
import type { ChosenColumns } from "./columns/use-columns.ts";
import { type MenuPlace, RowMenu } from "./filter/row-menu.tsx";
import { NoTraffic } from "./no-traffic.tsx";

interface TrafficTableProps {
  readonly title: string;
  readonly name: string;
  readonly columns: readonly TrafficColumn[];
  readonly chosen: ChosenColumns;
  readonly isWanted: (column: TrafficColumn) => boolean;
  readonly window: TrafficWindow;
  readonly selected: number | undefined;
  readonly sorting: Sorting | undefined;
  readonly isFiltered: boolean;
  readonly onSelect: (seq: number) => void;
  readonly onSort: (sorting: Sorting | undefined) => void;
  readonly onTerm: (term: FilterTerm, isExcluded: boolean) => void;
  readonly onLayout: (layout: ColumnLayout) => void;
  readonly onClearFilter: () => void;
}

export const ROW_HEIGHT = 28;

export function TrafficTable(props: TrafficTableProps) {
  const { title, columns, chosen, window, selected, onSelect } = props;
  const { live } = useApp();
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [menu, setMenu] = useState<MenuPlace | undefined>(undefined);
  const [resent, setResent] = useState<FrameRecord | undefined>(undefined);
  window.version.value;
  const { rows } = window;

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const layout = layOutColumns(columns, chosen.choice, { width: width || 1000, isWanted: props.isWanted });
  const left = layout.left.map(({ id }) => id).join();
  useEffect(() => props.onLayout(layout), [left]);

  const status = window.status.value;
  const move = (index: number) => {
    const row = rows[index];
    if (row !== undefined && row.kind !== "gap") {
      window.isFollowing.value = false;
      onSelect(row.seq);
    }
  };
  const openMenu = (row: Row, cell: Element | null, place: { readonly x: number; readonly y: number }) => {
    if (row.kind === "gap") return;
    const shown = { record: row, facts: window.sessions.of(row.session) };
    const terms = termsOf(columns, shown, cell?.getAttribute("data-column") ?? "");
    setMenu({ ...place, terms, record: row });
  };
  const selectedIndex = selected === undefined ? -1 : rows.findLastIndex(({ seq }) => seq === selected);
  const head = (
    <ColumnHead
      columns={layout.columns}
      sorting={props.sorting}
      widthOf={(column) => widthOf(column, chosen.choice)}
      onSort={props.onSort}
      onResize={chosen.resize}
    />
  );

  return (
    <div ref={frame} class="traffic-table" style={{ "--columns": layout.template }}>
      {status === "failed" ? (
        <Empty
          icon="warn"
          title="The traffic could not be read"
          actions={
            <Button icon="reload" onClick={() => location.reload()}>
              Try again
            </Button>
          }
        >
          {window.error.value}
        </Empty>
      ) : rows.length > 0 ? (
        <VirtualRows
          class={props.name}
          label={`Traffic ${title}`}
          count={rows.length}
          rowHeight={ROW_HEIGHT}
          firstIndex={window.firstIndex}
          isFollowing={window.isFollowing.value && !window.isPaused.value}
          selected={selectedIndex === -1 ? undefined : selectedIndex}
          header={head}
          onFollow={(isFollowing) => {
            if (window.sorted.value === undefined && (!isFollowing || !window.hasNewer))
              window.isFollowing.value = isFollowing;
          }}
          onNearStart={() => void window.loadOlder()}
          onNearEnd={() => void window.loadNewer()}
          onMove={move}
          onMenu={(index, element) => {
            const { left: x, bottom: y } = element.getBoundingClientRect();
            openMenu(rows[index]!, null, { x: x + 96, y });
          }}
          row={(index) => {
            const row = rows[index]!;
            if (row.kind === "gap")
              return <GapRow key={row.seq} gap={row} onFill={() => void window.fillGap(row)} />;
            return (
              <div
                key={row.seq}
                class={`row ${row.kind}${isTrouble(row) ? " trouble" : ""}`}
                role="row"
                tabIndex={-1}
                aria-rowindex={index + 2}
                aria-selected={row.seq === selected}
                onClick={() => move(index)}
                onContextMenu={(event) => {
                  event.preventDefault();
                  const cell = (event.target as Element).closest("[data-column]");
                  openMenu(row, cell, { x: event.clientX, y: event.clientY });
                }}
              >
                {layout.columns.map((column) => (
                  <RowCell
                    key={column.id}
                    column={column}
                    shown={{ record: row, facts: window.sessions.of(row.session) }}
                  />
                ))}
              </div>
            );
          }}
        />
      ) : status === "loading" ? (
        <div class="virtual loading-rows" role="status" aria-label="Loading">
          <Loading />
        </div>
      ) : (
        <NoTraffic
          isFiltered={props.isFiltered}
          listeners={live.info.value?.listeners ?? []}
          onClearFilter={props.onClearFilter}
        />
      )}
      {menu !== undefined && (
        <RowMenu
          place={menu}
          onFilter={props.onTerm}
          onResend={setResent}
          onClose={() => setMenu(undefined)}
        />
      )}
      {resent !== undefined && <ResendDialog message={resent} onDone={() => setResent(undefined)} />}
    </div>
  );
}

function RowCell({ column, shown }: { readonly column: TrafficColumn; readonly shown: ShownRecord }) {
  const cell = column.cell(shown);
  return (
    <span
      role="gridcell"
      class={`c-${column.id}${column.isRight === true ? " right" : ""} ${cell.class ?? ""}`}
      title={cell.title}
      data-column={column.id}
    >
      {cell.content}
    </span>
  );
}

/** Those of the columns, hidden ones too: first that of the one that was pointed at. */
function termsOf(
  columns: readonly TrafficColumn[],
  shown: ShownRecord,
  first: string,
): readonly FilterTerm[] {
  const sorted = columns.toSorted((a, b) => Number(b.id === first) - Number(a.id === first));
  const terms = new Map<string, FilterTerm>();
  for (const { term } of sorted.map((column) => column.cell(shown)))
    if (term !== undefined) terms.set(`${term.field}:${term.value}`, term);
  return [...terms.values()];
}

function GapRow({ gap, onFill }: { readonly gap: Gap; readonly onFill: () => void }) {
  return (
    <div class="row gap" role="row" tabIndex={-1}>
      <span role="gridcell">
        {plural(gap.skipped, "row")} came too fast to be shown{" "}
        <button type="button" onClick={onFill}>
          Load them
        </button>
      </span>
    </div>
  );
}

function isTrouble(row: Exclude<TrafficWindow["rows"][number], Gap>): boolean {
  if (row.kind === "frame" || row.kind === "hook")
    return row.outcome === "failed" || row.outcome === "closed";
  if (row.kind === "upgrade" || row.kind === "request") return row.status >= 500;
  return false;
}
