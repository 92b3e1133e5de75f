import type { TrafficSink, TrafficTap } from "../session/tap/traffic-tap.ts";

/** One tap for all of them. */
export function joinTaps(taps: readonly TrafficTap[]): TrafficTap {
  return {
    client: joinSinks(taps, "client"),
    server: joinSinks(taps, "server"),
    hook(note) {
      for (const tap of taps) tap.hook(note);
    },
  };
}

function joinSinks(taps: readonly TrafficTap[], origin: "client" | "server"): TrafficSink {
  const sinks = taps.map((tap) => tap[origin]);
  return {
    keepBytes: Math.max(...sinks.map(({ keepBytes }) => keepBytes)),
    frames(run) {
      for (const sink of sinks) sink.frames(run);
    },
    frame(frame) {
      for (const sink of sinks) sink.frame(frame);
    },
    message(...message) {
      const leaves = sinks.map((sink) => sink.message(...message)).filter((each) => each !== undefined);
      return (written) => {
        for (const each of leaves) each(written);
      };
    },
  };
}
