import { toHarEntry } from "../../traffic/har/har.ts";
import type { TrafficRecord } from "../../traffic/records.ts";
import { readVersion } from "../../version.ts";
import type { SinkRecord } from "../sink.ts";
import type { DocumentFormat } from "./document.ts";

/** JSON of sessions that have not ended; of more, the oldest are written as far as they have come. */
const MAX_OPEN_BYTES = 32 * 1024 * 1024;

/** A session an entry, as the client saw it. */
export function createHarDocument(maxOpenBytes = MAX_OPEN_BYTES): DocumentFormat {
  const open = new Map<string, string[]>();
  let openBytes = 0;
  let newest = 0;

  return {
    extension: "har",
    head: `{"log":{"version":"1.2","creator":${JSON.stringify({ name: "framegate", version: readVersion() })},"pages":[],"comment":"","entries":[\n`,
    tail: "]}}\n",
    separator: ",",
    take(records) {
      const lines: string[] = [];
      for (const record of records) {
        if (record.seq <= newest) continue;
        newest = record.seq;
        keep(record);
        if (isLast(record)) lines.push(...end(record.session));
      }
      for (const session of open.keys()) {
        if (openBytes <= maxOpenBytes) break;
        lines.push(...end(session));
      }
      return lines;
    },
    rest: () => [...open.keys()].flatMap(end),
  };

  function keep({ session, json }: SinkRecord): void {
    const records = open.get(session) ?? [];
    records.push(json);
    open.set(session, records);
    openBytes += json.length;
  }

  function end(session: string): string[] {
    const lines = open.get(session) ?? [];
    open.delete(session);
    for (const { length } of lines) openBytes -= length;
    const entry = toHarEntry(lines.map((line) => JSON.parse(line) as TrafficRecord));
    return entry === undefined ? [] : [JSON.stringify(entry)];
  }
}

/** Of its session: an upgrade that was refused, a plain request, a close. */
function isLast({ kind, json }: SinkRecord): boolean {
  if (kind === "upgrade") return (JSON.parse(json) as { readonly status: number }).status !== 101;
  return kind === "request" || kind === "close";
}
