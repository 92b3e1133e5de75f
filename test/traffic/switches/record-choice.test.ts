import test from "ava";
import { RecordChoices } from "../../../core/traffic/switches/record-choice.ts";
import type { RecordingSwitch } from "../../../core/traffic/switches/recording-switch.ts";

const config = { sample: 1, payloadBytes: 256, capabilities: false };

function switchOf(id: number, more: Partial<RecordingSwitch> = {}): RecordingSwitch {
  return { id, sample: 1, payloadBytes: 1024, maxRecords: 0, since: 0, until: 1, ...more };
}

test("a route's switch goes before that of all, and both before the config", (t) => {
  const choices = new RecordChoices();
  const kept = (route: string | undefined, configured: typeof config | false) =>
    choices.of(7, route, configured)?.keepBytes;
  t.is(kept("/a", false), undefined);
  t.is(kept("/a", config), 256);
  t.true(choices.update([switchOf(1), switchOf(2, { route: "/a", sample: 0 })]));
  t.false(choices.update([switchOf(1), switchOf(2, { route: "/a", sample: 0 })]));
  t.is(kept("/a", config), undefined);
  t.is(kept("/b", false), 1024);
  t.is(kept(undefined, false), 1024);
  t.true(choices.update([]));
  t.is(kept("/a", config), 256);
});

test("the same sessions are in a sample, whoever asks; one that is full takes no more", (t) => {
  const choices = new RecordChoices();
  choices.update([switchOf(1, { sample: 0.1, maxRecords: 3 })]);
  const sampled = Array.from({ length: 1000 }, (_, n) => n).filter((n) => choices.of(n, "/", false));
  t.true(sampled.length > 50 && sampled.length < 150, String(sampled.length));
  const choice = choices.of(sampled[0]!, "/", false);
  const written: number[] = [];
  const writer = choice!.meter!.before({
    json: () => void written.push(1),
    unfinished() {
      written.push(1);
      return () => {};
    },
    frame: () => void written.push(1),
    frames: (_, { count }) => void written.push(count),
  });
  const place = { route: "/", session: 1, origin: "client", sequence: 1, time: 0 } as const;
  writer.unfinished(place, { record: {}, rest: {} }, []);
  writer.frames(place, { chunk: Buffer.alloc(0), from: 0, to: 0, count: 2 });
  writer.json(place, {});
  writer.unfinished(place, { record: {}, rest: {} }, [])({});
  t.deepEqual(written, [1, 2]);
  t.deepEqual(choices.counts(), [{ id: 1, records: 3 }]);
  t.is(choices.of(sampled[0]!, "/", false), undefined);
});
