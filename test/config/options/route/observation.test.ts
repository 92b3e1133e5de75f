import test from "ava";
import { resolveConfig } from "../../../../core/config/index.ts";

const route = { path: "/a", upstream: "ws://localhost:1" };

test("recording: as the route says, or else its listener, or else the config, or else the command", (t) => {
  const recordingOf = (own: object, listener: object, config: object, recordByDefault = false) => {
    const input = { ...config, listen: [listener], routes: [{ ...route, ...own }] };
    const { listen, routes } = resolveConfig(input, { dir: "/", recordByDefault });
    return routes[0]?.recording ?? listen[0]?.recording;
  };
  const all = { sample: 1, payloadBytes: 256, capabilities: false };
  t.is(recordingOf({}, {}, {}), false);
  t.deepEqual(recordingOf({}, {}, {}, true), all);
  t.is(recordingOf({}, {}, { recording: false }, true), false);
  t.deepEqual(recordingOf({}, {}, { recording: true }), all);
  t.is(recordingOf({}, { recording: false }, { recording: true }), false);
  t.deepEqual(recordingOf({}, { recording: { sample: 0.5 } }, { recording: false }), { ...all, sample: 0.5 });
  t.deepEqual(recordingOf({ recording: { payload: 0 } }, { recording: false }, {}), {
    ...all,
    payloadBytes: 0,
  });
  t.is(recordingOf({ recording: false }, { recording: true }, { recording: true }), false);
});
