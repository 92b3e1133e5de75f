import type { ListenerConfig, RecordingConfig, RouteConfig } from "../config/index.ts";

/** Whether anything of a route can be recorded: by its own word, or by that of a listener. */
export function isRecorded(
  { recording }: Pick<RouteConfig, "recording">,
  listeners: readonly Pick<ListenerConfig, "recording">[],
): boolean {
  return recordingsOf(recording, listeners).some((each) => each !== false);
}

/** Whether what its policies are told is kept, whichever listener its connections come by. */
export function keepsAnswers(
  { recording }: Pick<RouteConfig, "recording">,
  listeners: readonly Pick<ListenerConfig, "recording">[],
): boolean {
  const all = recordingsOf(recording, listeners);
  return all.length > 0 && all.every((each) => each !== false && each.capabilities);
}

function recordingsOf(
  own: RecordingConfig | undefined,
  listeners: readonly Pick<ListenerConfig, "recording">[],
): readonly RecordingConfig[] {
  return own === undefined ? listeners.map(({ recording }) => recording) : [own];
}
