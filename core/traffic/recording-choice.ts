import type { ListenerConfig, RecordingConfig, RouteConfig } from "../config/index.ts";
import type { RecordingSwitch } from "./switches/recording-switch.ts";

type RouteRecording = Pick<RouteConfig, "recording">;
type Listeners = readonly Pick<ListenerConfig, "recording">[];

/** How much of a route is recorded, for people. */
export interface ShownRecording {
  /** Which part of the sessions; 0: none. */
  readonly sample: number;
  readonly payloadBytes: number;
}

/** What the config says of a route: where listeners say different things, the most. */
export function configuredRecording({ recording }: RouteRecording, listeners: Listeners): ShownRecording {
  const all = recordingsOf(recording, listeners).map((each) => each || NOTHING);
  return {
    sample: Math.max(0, ...all.map(({ sample }) => sample)),
    payloadBytes: Math.max(0, ...all.map(({ payloadBytes }) => payloadBytes)),
  };
}

/** The same as operators have switched it. */
export function recordingNow(
  route: RouteRecording & Pick<RouteConfig, "name">,
  listeners: Listeners,
  switches: readonly RecordingSwitch[],
): ShownRecording {
  const switched =
    switches.find((each) => each.route === route.name) ?? switches.find((each) => each.route === undefined);
  if (switched === undefined) return configuredRecording(route, listeners);
  const { sample, payloadBytes } = switched;
  return { sample, payloadBytes };
}

/** Whether anything of a route is recorded now. */
export function isRecorded(...route: Parameters<typeof recordingNow>): boolean {
  return recordingNow(...route).sample > 0;
}

/** Whether what its policies are told is kept, whichever listener its connections come by. */
export function keepsAnswers({ recording }: RouteRecording, listeners: Listeners): boolean {
  const all = recordingsOf(recording, listeners);
  return all.length > 0 && all.every((each) => each !== false && each.capabilities);
}

const NOTHING: ShownRecording = { sample: 0, payloadBytes: 0 };

function recordingsOf(own: RecordingConfig | undefined, listeners: Listeners): readonly RecordingConfig[] {
  return own === undefined ? listeners.map(({ recording }) => recording) : [own];
}
