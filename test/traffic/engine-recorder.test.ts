import test from "ava";
import { createEngineRecorder } from "../../core/traffic/engine-recorder.ts";

test("what comes to no route is recorded as its listener has it, and no more of it than the sample", (t) => {
  const recorder = createEngineRecorder("w", { take: () => true, spare: () => undefined, suit() {} });
  const wanted = (recording: false | { sample: number }) =>
    Array.from({ length: 1000 }, (_, n) => `w-${n.toString(36)}`).filter((id) =>
      recorder.wants({
        id,
        recording: recording && { payloadBytes: 0, capabilities: false, ...recording },
        routed: undefined,
      }),
    ).length;
  t.is(wanted(false), 0);
  t.is(wanted({ sample: 1 }), 1000);
  const some = wanted({ sample: 0.1 });
  t.true(some > 50 && some < 150, String(some));
});
