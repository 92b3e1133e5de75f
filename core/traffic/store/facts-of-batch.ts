import type { Batch } from "../batch/batch.ts";
import { parseJsonRecord } from "../batch/json-record.ts";
import { RECORD_TYPE, readHeaders, readJsonRange } from "../batch/layout.ts";
import { sessionId } from "../batch/reader.ts";
import type { KeptFacts } from "./kept-facts.ts";

/** How the JSON of what says something of a session begins; nothing else is parsed. */
const upgradeStart = Buffer.from('{"kind":"upgrade"');
const renewalStart = Buffer.from('{"kind":"hook","hook":"renew"');
const closeStart = Buffer.from('{"kind":"close"');

/** Takes down what a batch says of sessions; of one that is broken, up to there. */
export function noteFacts(batch: Batch, facts: KeptFacts): void {
  try {
    noteAll(batch, facts);
  } catch {
    // It is counted when it is read.
  }
}

function noteAll(batch: Batch, facts: KeptFacts): void {
  const { bytes, worker, routes } = batch;
  for (const header of readHeaders(batch)) {
    if (header.type !== RECORD_TYPE.json) continue;
    const { from, to } = readJsonRange(bytes, header);
    const begins = (start: Buffer) =>
      to - from >= start.length && bytes.compare(start, 0, start.length, from, from + start.length) === 0;
    const session = sessionId(worker, header.session);
    if (begins(closeStart)) {
      facts.end(session);
    } else if (begins(upgradeStart) || begins(renewalStart)) {
      const place = { seq: 0, time: header.time, session, route: routes[header.route] as string };
      const record = parseJsonRecord(bytes, header, place);
      if (record.kind === "upgrade" && record.status === 101) facts.begin(record);
      if (record.kind === "hook") facts.change(record);
    }
  }
}
