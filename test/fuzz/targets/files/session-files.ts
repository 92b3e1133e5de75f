import assert from "node:assert/strict";
import fc from "fast-check";
import { RecordingError } from "../../../../core/recording/errors.ts";
import { readSessions } from "../../../../core/recording/read-recording.ts";
import { viewRecorded } from "../../../../core/verdicts/body-view.ts";
import { diffJson } from "../../../../core/verdicts/json-diff.ts";
import { closeLine, hookLine, messageLine, recordingOf, upgradeLine } from "../../../recording/lines.ts";
import { nearly, wordsOf } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const text = fc.oneof(
  wordsOf('{"a":', "[", "]", "}", "1", '"[redacted:1]"', ",", "42"),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const messages = fc.array(
  text.map((body) => messageLine({ body: { text: body } })),
  { maxLength: 3 },
);
const ours = messages.map((lines) => recordingOf(upgradeLine(), ...lines, hookLine({}, "late"), closeLine()));
const hars = messages.map((lines) =>
  JSON.stringify({
    log: {
      entries: [
        {
          startedDateTime: "2026-01-01T00:00:00.000Z",
          request: { method: "GET", url: "ws://a/b", headers: [] },
          response: { status: 101, headers: [] },
          _webSocketMessages: lines.map(({ body }) => ({
            type: "send",
            time: 1,
            opcode: 1,
            data: "text" in body ? body.text : "",
          })),
        },
      ],
    },
  }),
);

/** Recordings and HAR files that others made: read, or refused in words; what is read can be compared with itself. */
export const sessionFiles = defineTarget<Uint8Array>({
  name: "session-files",
  inputs: nearly(
    fc.oneof(ours, hars).map((whole) => Buffer.from(whole)),
    2,
  ),
  runs: 300,
  check(bytes) {
    let events: ReturnType<typeof readSessions>["events"];
    try {
      ({ events } = readSessions(Buffer.from(bytes).toString("utf8"), "file"));
    } catch (error) {
      assert.ok(error instanceof RecordingError, String(error));
      return error.code;
    }
    for (const event of events) {
      assert.ok(!Number.isNaN(new Date(event.time).getTime()));
      if (event.type !== "message") continue;
      const view = viewRecorded(event.body);
      assert.deepEqual(diffJson(view, viewRecorded(event.body)), []);
    }
    return `${events.length} events`;
  },
});
