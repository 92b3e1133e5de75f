import type { TrafficFilter } from "../../../core/traffic/records.ts";
import { Button } from "../../parts/basics.tsx";
import { OpenFileButton } from "../../parts/files/open-file-button.tsx";
import { number } from "../../parts/format.ts";
import { RecordingButton } from "../../parts/recording/recording-button.tsx";
import { useApp } from "../../state/app.ts";
import { ExportMenu } from "./actions/export-menu.tsx";
import { BreakpointsButton } from "./breakpoints/breakpoints-button.tsx";

interface TrafficHeadProps {
  readonly title: string;
  /** Rows that came and are not shown. */
  readonly waiting: number;
  readonly isPaused: boolean;
  readonly isFollowing: boolean;
  readonly isHolding: boolean;
  readonly filter: TrafficFilter;
  readonly onNewest: () => void;
  readonly onPause: () => void;
  readonly onFollow: () => void;
  /** Undefined: nothing that it shows can be held. */
  readonly onHold: (() => void) | undefined;
}

export function TrafficHead(props: TrafficHeadProps) {
  const { title, waiting, isPaused, isFollowing, isHolding, filter, onHold } = props;
  const { file } = useApp();
  return (
    <header class="page-head traffic-head">
      <h1>
        <span class="traffic-word">Traffic</span> {title}
      </h1>
      <span class="spread" />
      {waiting > 0 && (
        <button type="button" class="waiting number" onClick={props.onNewest}>
          {number(waiting)} new
        </button>
      )}
      {file.value === undefined && (
        <>
          <Button
            icon={isPaused ? "play" : "pause"}
            isOn={isPaused}
            label={isPaused ? "Go on" : "Pause"}
            title={isPaused ? "Go on (Space)" : "Pause (Space)"}
            onClick={props.onPause}
          >
            <span class="wide">{isPaused ? "Paused" : "Pause"}</span>
          </Button>
          <Button
            icon="follow"
            isOn={isFollowing}
            label="Follow"
            title="Follow the newest row (f)"
            onClick={props.onFollow}
          >
            <span class="wide">Follow</span>
          </Button>
          {onHold !== undefined && <BreakpointsButton isOpen={isHolding} onClick={onHold} />}
          <RecordingButton route={filter.route} />
        </>
      )}
      <OpenFileButton />
      <ExportMenu filter={filter} />
    </header>
  );
}
