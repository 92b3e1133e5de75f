import { Button, Empty, Loading } from "../../parts/basics.tsx";
import { reachOf, useRecording } from "../../parts/recording/recording.ts";
import { RecordingOff } from "../../parts/recording/recording-off.tsx";

interface NoTrafficProps {
  readonly isFiltered: boolean;
  readonly listeners: readonly string[];
  readonly onClearFilter: () => void;
}

/** In the place of a table without rows: why there are none, and what to do. */
export function NoTraffic({ isFiltered, listeners, onClearFilter }: NoTrafficProps) {
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
