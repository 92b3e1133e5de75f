import { useEffect, useMemo, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { FilterHelp } from "../../../core/admin/api/traffic/filter-schema.ts";
import type { TrafficRecord } from "../../../core/traffic/records.ts";
import { Button, Empty, Loading } from "../../parts/basics.tsx";
import { FinderContext, useFinder } from "../../parts/find/marked.tsx";
import { useKeys } from "../../parts/shortcuts.ts";
import { SplitPane } from "../../parts/split-pane.tsx";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { type Query, useQuery } from "../../state/query.ts";
import type { Kind } from "../../state/row-list.ts";
import { createSortedWindow } from "../../state/sorted-window.ts";
import { createTrafficWindow } from "../../state/traffic-window.ts";
import { BreakpointsPanel } from "./breakpoints/breakpoints-panel.tsx";
import type { FilterTerm, TrafficColumn } from "./columns/column.ts";
import { ColumnsMenu } from "./columns/columns-menu.tsx";
import { frameColumns } from "./columns/frame-columns.tsx";
import type { Sorting } from "./columns/head.tsx";
import { requestColumns } from "./columns/request-columns.tsx";
import { useColumns } from "./columns/use-columns.ts";
import { AddTermContext } from "./filter/filter-buttons.tsx";
import { withTerm } from "./filter/terms.ts";
import { FilterBar } from "./filter-bar.tsx";
import { kindsFor, toFilter, wordsOf } from "./filters.ts";
import { RecordDetail } from "./record-detail.tsx";
import { SortedNote } from "./sorted-note.tsx";
import { tableKeys } from "./table-keys.ts";
import { TrafficHead } from "./traffic-head.tsx";
import { TrafficTable } from "./traffic-table.tsx";
import "./traffic.css";

export function HttpTraffic() {
  return <Traffic title="HTTP" name="upgrades" kinds={HTTP_KINDS} columns={requestColumns} />;
}

export function WebSocketTraffic() {
  return <Traffic title="WebSockets" name="frames" kinds={SOCKET_KINDS} columns={frameColumns} />;
}

const HTTP_KINDS: readonly Kind[] = ["upgrade", "request", "close"];
const SOCKET_KINDS: readonly Kind[] = ["frame", "hook", "close"];

interface TrafficProps {
  readonly title: string;
  /** Of its table, for what is remembered. */
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly columns: readonly TrafficColumn[];
}

function Traffic({ title, name, kinds, columns }: TrafficProps) {
  const { api, live, file } = useApp();
  const { path } = useLocation();
  const [query, change] = useQuery();
  const { filter, key } = toFilter(query);
  const selected = query.sel === undefined ? undefined : Number(query.sel);

  const sorting = readSorting(query);

  const rows = useMemo(() => {
    const shown = kindsFor(kinds, filter);
    if (sorting !== undefined) return createSortedWindow({ api, kinds: shown, filter, ...sorting });
    return createTrafficWindow({
      api,
      live,
      isOfFile: file.peek() !== undefined,
      kinds: shown,
      filter,
      at: selected,
    });
    // A gateway that started anew may count its records from 1 again.
  }, [path, key, sorting?.sort, sorting?.order, live.info.value?.startedAt]);
  useEffect(() => () => rows.dispose(), [rows]);

  const chosen = useColumns(name);
  const [left, setLeft] = useState<readonly TrafficColumn[]>([]);
  // Only where the records of a whole fleet are read, they say which machine they are of.
  const isOfFleet =
    filter.node !== undefined || rows.rows.some((row) => row.kind !== "gap" && row.node !== undefined);
  const isWanted = (column: TrafficColumn) => column.isUsual || (column.id === "node" && isOfFleet);
  const marks = useMarks(filter.filter ?? "");
  const finder = useFinder(marks);
  const addTerm = (term: FilterTerm, isExcluded: boolean) =>
    change({ filter: withTerm(query.filter ?? "", term, isExcluded) });
  const sortBy = (next: Sorting | undefined) => change({ sort: next?.sort, order: next?.order });

  const select = (seq: number | undefined) => change({ sel: seq?.toString() });
  const toggleFollow = () => {
    if (sorting !== undefined) return sortBy(undefined);
    if (rows.isFollowing.value) rows.isFollowing.value = false;
    else void rows.toNewest();
  };
  const togglePause = () => {
    if (sorting !== undefined) return;
    if (rows.isPaused.value) void rows.toNewest();
    else rows.isPaused.value = true;
  };
  const isSockets = kinds === SOCKET_KINDS;
  const isHolding = query.hold !== undefined;
  const toggleHolding = () => change({ hold: isHolding ? undefined : "1" });
  useKeys({
    ...(isSockets && { b: toggleHolding }),
    Escape: () => select(undefined),
    " ": togglePause,
    f: toggleFollow,
    m: () => document.querySelector<HTMLElement>(".note-bar > button")?.click(),
    a: () => document.querySelector<HTMLElement>(".note-input")?.focus(),
    y: () => document.querySelector<HTMLElement>(".record-menu > button")?.click(),
    ...tableKeys(rows, selected, (seq) => {
      rows.isFollowing.value = false;
      select(seq);
    }),
    "/": () => document.querySelector<HTMLInputElement>(".filter-search input")?.focus(),
  });

  // A record that the window does not hold, because it is older, is asked for by itself.
  rows.version.value;
  const held = rows.rows.find((row): row is TrafficRecord => row.kind !== "gap" && row.seq === selected);
  const isAsked = selected !== undefined && held === undefined;
  const [asked] = useLoaded(
    async () => (isAsked ? await api.record(selected) : undefined),
    [isAsked ? selected : undefined],
  );
  const record = held ?? (asked.value.value?.seq === selected ? asked.value.value : undefined);
  const isPaused = rows.isPaused.value;
  const isFollowing = rows.isFollowing.value && !isPaused;
  const waiting = rows.waiting.value;

  const side =
    selected === undefined ? undefined : record !== undefined ? (
      <RecordDetail
        key={record.seq}
        record={record}
        facts={rows.sessions.of(record.session)}
        onClose={() => select(undefined)}
      />
    ) : asked.value.error !== undefined ? (
      <Empty
        icon="search"
        title="This record is not kept any more"
        actions={<Button onClick={() => select(undefined)}>Close</Button>}
      >
        The recorder gives up its oldest records first. Raise <code>traffic</code> in the config to keep more,
        or name a file there to keep them on disk.
      </Empty>
    ) : (
      <div class="detail">
        <Loading />
      </div>
    );

  return (
    <FinderContext.Provider value={finder}>
      <AddTermContext.Provider value={addTerm}>
        <TrafficHead
          {...{ title, waiting, isPaused, isFollowing, isHolding, filter }}
          onNewest={() => void rows.toNewest()}
          onPause={togglePause}
          onFollow={toggleFollow}
          onHold={isSockets ? toggleHolding : undefined}
        />
        <FilterBar kinds={kinds} query={query} isOfFleet={isOfFleet} change={change}>
          <ColumnsMenu
            all={columns}
            left={left}
            isWanted={(column) => chosen.choice.shown[column.id] ?? isWanted(column)}
            onToggle={chosen.toggle}
            onReset={chosen.reset}
          />
        </FilterBar>
        {isSockets && isHolding && <BreakpointsPanel filter={wordsOf(filter)} onClose={toggleHolding} />}
        {sorting !== undefined && (
          <SortedNote
            title={columns.find(({ sort }) => sort === sorting.sort)?.title ?? sorting.sort}
            order={sorting.order}
            shown={rows.rows.length}
            sorted={rows.sorted.value}
            onRefresh={() => void rows.toNewest()}
            onEnd={() => sortBy(undefined)}
          />
        )}
        <SplitPane
          name="traffic"
          main={
            <TrafficTable
              title={title}
              name={name}
              columns={columns}
              chosen={chosen}
              isWanted={isWanted}
              window={rows}
              selected={selected}
              sorting={sorting}
              onSort={sortBy}
              onTerm={addTerm}
              onLayout={(layout) => setLeft(layout.left)}
              isFiltered={key !== ""}
              onSelect={select}
              onClearFilter={() =>
                change(Object.fromEntries(Object.keys(query).map((name) => [name, undefined])))
              }
            />
          }
          side={side}
        />
      </AddTermContext.Provider>
    </FinderContext.Provider>
  );
}

function readSorting({ sort, order }: Query): Sorting | undefined {
  return sort ? { sort, order: order === "asc" ? "asc" : "desc" } : undefined;
}

/** What the filter looks for in texts. */
function useMarks(filter: string): FilterHelp["marks"] {
  const { api } = useApp();
  const [help] = useLoaded(
    async () => (filter === "" ? undefined : await api.filterHelp(filter, filter.length)),
    [filter],
  );
  return (filter !== "" && help.value.value?.marks) || NO_MARKS;
}

const NO_MARKS: FilterHelp["marks"] = [];
