import test from "ava";
import { resolveConfig } from "../../../../core/config/index.ts";

const route = { path: "/a", upstream: "ws://localhost:1" };

test("recording: as the route says, or else the config, or else the command", (t) => {
  const recordingOf = (own: object, config: object, recordByDefault = false) =>
    resolveConfig({ ...config, routes: [{ ...route, ...own }] }, { dir: "/", recordByDefault }).routes[0]
      ?.recording;
  const all = { sample: 1, payloadBytes: 256, capabilities: false };
  t.is(recordingOf({}, {}), false);
  t.deepEqual(recordingOf({}, {}, true), all);
  t.is(recordingOf({}, { recording: false }, true), false);
  t.deepEqual(recordingOf({}, { recording: true }), all);
  t.deepEqual(recordingOf({ recording: { payload: 0 } }, { recording: false }), { ...all, payloadBytes: 0 });
  t.is(recordingOf({ recording: false }, { recording: true }), false);
});
