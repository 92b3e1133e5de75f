import { Button, Empty, Loading } from "../../parts/basics.tsx";
import { number } from "../../parts/format.ts";
import { reachOf, useRecording } from "../../parts/recording/recording.ts";
import { RecordingOff } from "../../parts/recording/recording-off.tsx";
import { VirtualRows } from "../../parts/virtual-rows.tsx";
import { useApp } from "../../state/app.ts";
import type { Gap, Kind } from "../../state/row-list.ts";
import type { TrafficWindow } from "../../state/traffic-window.ts";
import { CloseCells } from "./close-row.tsx";
import { FrameCells, FrameHead } from "./frame-row.tsx";
import { HookCells } from "./hook-row.tsx";
import { UpgradeCells, UpgradeHead } from "./upgrade-row.tsx";

interface TrafficTableProps {
  readonly title: string;
  readonly kinds: readonly Kind[];
  readonly window: TrafficWindow;
  readonly selected: number | undefined;
  readonly isFiltered: boolean;
  readonly onSelect: (seq: number) => void;
  readonly onClearFilter: () => void;
}

export const ROW_HEIGHT = 28;

export function TrafficTable(props: TrafficTableProps) {
  const { title, kinds, window, selected, onSelect } = props;
  const { live } = useApp();
  window.version.value;
  const { rows } = window;
  const isFrames = kinds.includes("frame");

  if (window.status.value === "failed") {
    return (
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
    );
  }
  if (rows.length === 0) {
    if (window.status.value === "loading") return <Loading />;
    return (
      <NoTraffic
        isFiltered={props.isFiltered}
        listeners={live.info.value?.listeners ?? []}
        onClearFilter={props.onClearFilter}
      />
    );
  }

  const move = (index: number) => {
    const row = rows[index];
    if (row !== undefined && row.kind !== "gap") {
      window.isFollowing.value = false;
      onSelect(row.seq);
    }
  };
  const selectedIndex = selected === undefined ? -1 : rows.findLastIndex(({ seq }) => seq === selected);
  return (
    <VirtualRows
      class={isFrames ? "frames" : "upgrades"}
      label={`Traffic ${title}`}
      count={rows.length}
      rowHeight={ROW_HEIGHT}
      firstIndex={window.firstIndex}
      isFollowing={window.isFollowing.value && !window.isPaused.value}
      selected={selectedIndex === -1 ? undefined : selectedIndex}
      header={isFrames ? <FrameHead /> : <UpgradeHead />}
      onFollow={(isFollowing) => {
        if (!isFollowing || !window.hasNewer) window.isFollowing.value = isFollowing;
      }}
      onNearStart={() => void window.loadOlder()}
      onNearEnd={() => void window.loadNewer()}
      onMove={move}
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
          >
            {row.kind === "frame" ? (
              <FrameCells record={row} />
            ) : row.kind === "upgrade" || row.kind === "request" ? (
              <UpgradeCells record={row} />
            ) : row.kind === "hook" ? (
              <HookCells record={row} />
            ) : (
              <CloseCells record={row} isAmongFrames={isFrames} />
            )}
          </div>
        );
      }}
    />
  );
}

function GapRow({ gap, onFill }: { readonly gap: Gap; readonly onFill: () => void }) {
  return (
    <div class="row gap" role="row" tabIndex={-1}>
      <span role="gridcell">
        {number(gap.skipped)} rows came too fast to be shown{" "}
        <button type="button" onClick={onFill}>
          Load them
        </button>
      </span>
    </div>
  );
}

interface NoTrafficProps {
  readonly isFiltered: boolean;
  readonly listeners: readonly string[];
  readonly onClearFilter: () => void;
}

function NoTraffic({ isFiltered, listeners, onClearFilter }: NoTrafficProps) {
  const [{ value, error }] = useRecording();
  if (value === undefined && error === undefined) return <Loading />;
  if (value !== undefined && reachOf(value) === "off") return <RecordingOff />;
  if (isFiltered) {
    return (
      <Empty
        icon="filter"
        title="Nothing fits the filter"
        actions={<Button onClick={onClearFilter}>Remove all filters</Button>}
      >
        New rows that fit appear here by themselves.
      </Empty>
    );
  }
  return (
    <Empty
      icon="frames"
      title="No traffic yet"
      actions={
        <a class="button primary" href="/test-client">
          Open the test client
        </a>
      }
    >
      Connect to {listeners[0] === undefined ? "a listener" : <code>{listeners[0]}</code>} and send something,
      or let the test client do it.
    </Empty>
  );
}

function isTrouble(row: Exclude<TrafficWindow["rows"][number], Gap>): boolean {
  if (row.kind === "frame" || row.kind === "hook")
    return row.outcome === "failed" || row.outcome === "closed";
  if (row.kind === "upgrade" || row.kind === "request") return row.status >= 500;
  return false;
}
