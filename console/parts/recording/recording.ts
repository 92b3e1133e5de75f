import { useEffect } from "preact/hooks";
import type { RecordingSwitchesView } from "../../../core/admin/api/recording/switch-schema.ts";
import { useApp } from "../../state/app.ts";
import type { Loaded } from "../../state/loaded.ts";
import { percent } from "../format.ts";

/** What is recorded, as the gateway said last. */
export function useRecording(): readonly [Loaded<RecordingSwitchesView>, () => void] {
  const { recordings } = useApp();
  useEffect(recordings.watch, []);
  return [recordings.loaded.value, () => void recordings.refresh()];
}

/** What of the traffic is recorded, in a word. */
export type RecordingReach = "off" | "some" | "all";

/** @param route "": of all of them */
export function reachOf({ routes }: RecordingSwitchesView, route = ""): RecordingReach {
  const asked = route === "" ? routes : routes.filter((each) => each.route === route);
  if (asked.every(({ now }) => now.sample === 0)) return "off";
  return asked.every(({ now }) => now.sample === 1) ? "all" : "some";
}

/** How much of the sessions: `off`, `all`, `10%`. */
export function wordShare(sample: number): string {
  return sample === 0 ? "off" : sample === 1 ? "all" : percent(sample);
}
