/** counting.ts: the process that is told of sessions, many at a time, and counts them by route and code. */
import { answerLines } from "./lines.ts";
import type { Told } from "./session.ts";

const counts = new Map<string, { sessions: number; bytes: number; milliseconds: number }>();

answerLines((lines) => {
  for (const line of lines) {
    for (const { route, code, initiator, bytes, durationMs } of JSON.parse(line) as readonly Told[]) {
      const key = `${route} ${code} ${initiator}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { sessions: 1, bytes, milliseconds: durationMs });
      else {
        known.sessions++;
        known.bytes += bytes;
        known.milliseconds += durationMs;
      }
    }
  }
  return "";
});
