import { useEffect, useMemo } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { TrafficRecord } from "../../../core/traffic/records.ts";
import { Button, Empty } from "../../parts/basics.tsx";
import { number } from "../../parts/format.ts";
import { Icon } from "../../parts/icon.tsx";
import { RecordingButton } from "../../parts/recording/recording-button.tsx";
import { useKeys } from "../../parts/shortcuts.ts";
import { SplitPane } from "../../parts/split-pane.tsx";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { useQuery } from "../../state/query.ts";
import type { Kind } from "../../state/row-list.ts";
import { createTrafficWindow } from "../../state/traffic-window.ts";
import { FilterBar } from "./filter-bar.tsx";
import { kindsFor, toFilter } from "./filters.ts";
import { RecordDetail } from "./record-detail.tsx";
import { TrafficTable } from "./traffic-table.tsx";
import "./traffic.css";

export function HttpTraffic() {
  return <Traffic title="HTTP" kinds={HTTP_KINDS} />;
}

export function WebSocketTraffic() {
  return <Traffic title="WebSockets" kinds={SOCKET_KINDS} />;
}

const HTTP_KINDS: readonly Kind[] = ["upgrade", "request", "close"];
const SOCKET_KINDS: readonly Kind[] = ["frame", "hook", "close"];

function Traffic({ title, kinds }: { readonly title: string; readonly kinds: readonly Kind[] }) {
  const { api, live } = useApp();
  const { path } = useLocation();
  const [query, change] = useQuery();
  const { filter, key } = toFilter(query);
  const selected = query.sel === undefined ? undefined : Number(query.sel);

  const rows = useMemo(() => {
    const shown = kindsFor(kinds, filter);
    return createTrafficWindow({ api, live, kinds: shown, filter, at: selected });
    // A gateway that started anew may count its records from 1 again.
  }, [path, key, live.info.value?.startedAt]);
  useEffect(() => () => rows.dispose(), [rows]);

  const select = (seq: number | undefined) => change({ sel: seq?.toString() });
  const toggleFollow = () => {
    if (rows.isFollowing.value) rows.isFollowing.value = false;
    else void rows.toNewest();
  };
  const togglePause = () => {
    if (rows.isPaused.value) void rows.toNewest();
    else rows.isPaused.value = true;
  };
  useKeys({
    Escape: () => select(undefined),
    " ": togglePause,
    f: toggleFollow,
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
      <RecordDetail key={record.seq} record={record} onClose={() => select(undefined)} />
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
      <div class="detail" />
    );

  return (
    <>
      <header class="page-head traffic-head">
        <h1>
          <span class="traffic-word">Traffic</span> {title}
        </h1>
        <span class="spread" />
        {waiting > 0 && (
          <button type="button" class="waiting number" onClick={() => void rows.toNewest()}>
            {number(waiting)} new
          </button>
        )}
        <Button
          icon={isPaused ? "play" : "pause"}
          isOn={isPaused}
          label={isPaused ? "Go on" : "Pause"}
          title={isPaused ? "Go on (Space)" : "Pause (Space)"}
          onClick={togglePause}
        >
          <span class="wide">{isPaused ? "Paused" : "Pause"}</span>
        </Button>
        <Button
          icon="follow"
          isOn={isFollowing}
          label="Follow"
          title="Follow the newest row (f)"
          onClick={toggleFollow}
        >
          <span class="wide">Follow</span>
        </Button>
        <RecordingButton route={filter.route} />
        <a
          class="button quiet"
          href={api.harUrl(filter)}
          download
          title="What the filter finds, as a HAR file"
        >
          <Icon name="download" />
          <span class="sr-only">Export as</span> <span class="export-name">HAR</span>
        </a>
        <a
          class="button quiet"
          href={api.recordingUrl(filter)}
          download
          title="What the filter finds, as a recording for framegate replay"
        >
          <Icon name="download" />
          <span class="sr-only">Export as</span> <span class="export-name">Recording</span>
        </a>
      </header>
      <FilterBar kinds={kinds} query={query} change={change} />
      <SplitPane
        name="traffic"
        main={
          <TrafficTable
            title={title}
            kinds={kinds}
            window={rows}
            selected={selected}
            isFiltered={key !== ""}
            onSelect={select}
            onClearFilter={() =>
              change(Object.fromEntries(Object.keys(query).map((name) => [name, undefined])))
            }
          />
        }
        side={side}
      />
    </>
  );
}
