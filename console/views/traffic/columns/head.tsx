import type { TrafficColumn } from "./column.ts";
import { NARROWEST, WIDEST } from "./layout.ts";

export interface Sorting {
  readonly sort: string;
  readonly order: "asc" | "desc";
}

interface ColumnHeadProps {
  readonly columns: readonly TrafficColumn[];
  readonly sorting: Sorting | undefined;
  readonly widthOf: (column: TrafficColumn) => number;
  /** Undefined: as they came. */
  readonly onSort: (sorting: Sorting | undefined) => void;
  /** Undefined: as it was made. */
  readonly onResize: (column: TrafficColumn, width: number | undefined) => void;
}

/** Names of columns, each a button that sorts, with an edge that can be dragged, or moved by arrows. */
export function ColumnHead({ columns, sorting, widthOf, onSort, onResize }: ColumnHeadProps) {
  return (
    <div role="row" class="row head">
      {columns.map((column) => (
        <HeadCell
          key={column.id}
          column={column}
          width={widthOf(column)}
          order={column.sort !== undefined && sorting?.sort === column.sort ? sorting.order : undefined}
          onSort={onSort}
          onResize={(width) => onResize(column, width)}
        />
      ))}
    </div>
  );
}

interface HeadCellProps {
  readonly column: TrafficColumn;
  readonly width: number;
  readonly order: Sorting["order"] | undefined;
  readonly onSort: ColumnHeadProps["onSort"];
  readonly onResize: (width: number | undefined) => void;
}

function HeadCell({ column, width, order, onSort, onResize }: HeadCellProps) {
  const { id, title, sort, grows } = column;
  const className = `c-${id}${column.isRight === true ? " right" : ""}`;
  const ariaSort = order === undefined ? undefined : order === "asc" ? "ascending" : "descending";
  return (
    <span role="columnheader" aria-label={title} class={className} aria-sort={ariaSort}>
      {sort === undefined ? (
        title
      ) : (
        <button
          type="button"
          class="head-sort"
          title={SORT_TITLES[order ?? "none"]}
          onClick={() => onSort(nextOf(sort, order))}
          onKeyDown={(event) => event.stopPropagation()}
        >
          {title}
          {order !== undefined && <span aria-hidden="true">{order === "asc" ? " ▲" : " ▼"}</span>}
        </button>
      )}
      {grows === undefined && <ColumnEdge title={title} width={width} onResize={onResize} />}
    </span>
  );
}

const SORT_TITLES = {
  none: "Sort all that is kept, greatest first",
  desc: "Sort all that is kept, least first",
  asc: "Back to the order of time",
} as const;

function nextOf(sort: string, order: Sorting["order"] | undefined): Sorting | undefined {
  if (order === "asc") return undefined;
  return { sort, order: order === undefined ? "desc" : "asc" };
}

const STEP = 12;

interface ColumnEdgeProps {
  readonly title: string;
  readonly width: number;
  readonly onResize: (width: number | undefined) => void;
}

function ColumnEdge({ title, width, onResize }: ColumnEdgeProps) {
  const onPointerDown = (event: PointerEvent) => {
    const edge = event.currentTarget as HTMLElement;
    edge.setPointerCapture(event.pointerId);
    const start = event.clientX;
    const move = ({ clientX }: PointerEvent) => onResize(width + clientX - start);
    edge.addEventListener("pointermove", move);
    edge.addEventListener("lostpointercapture", () => edge.removeEventListener("pointermove", move), {
      once: true,
    });
  };
  return (
    <span
      class="head-edge"
      role="separator"
      aria-label={`Width of ${title}`}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      tabIndex={0}
      title="Drag to resize, double-click to reset"
      onPointerDown={onPointerDown}
      onDblClick={() => onResize(undefined)}
      onKeyDown={(event) => {
        const step = event.key === "ArrowLeft" ? -STEP : event.key === "ArrowRight" ? STEP : 0;
        if (step === 0) return;
        event.preventDefault();
        event.stopPropagation();
        onResize(width + step);
      }}
    />
  );
}
