import type { RedactionRules } from "../../redaction/rules.ts";
import type { Batch } from "../batch/batch.ts";
import { RECORD_TYPE, type RecordHeader, readHeaders } from "../batch/layout.ts";
import { readRecords, sessionId, summarise } from "../batch/reader.ts";
import { redactRecord, redactUpgrade } from "../record-redaction.ts";
import type { TrafficFilter, TrafficPage, TrafficQuery, TrafficRecord } from "../records.ts";
import { noteFacts } from "./facts-of-batch.ts";
import { createKeptFacts, rememberFacts, takeFacts } from "./kept-facts.ts";
import { compileFilter, fitsLater } from "./record-filter.ts";
import { createRecordNotes } from "./record-notes.ts";
import type { StoreBounds, TrafficStore } from "./store.ts";
import { createTimeSlices, type TimeSlice } from "./time-slice.ts";

export interface MemoryStoreOptions {
  readonly bounds: StoreBounds;
  readonly rules: RedactionRules;
  readonly now?: () => number;
}

interface KeptBatch {
  readonly batch: Batch;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly records: number;
  readonly oldestTime: number;
  readonly newestTime: number;
  readonly bytes: number;
}

interface DecodeOptions {
  readonly isWanted: ((header: RecordHeader) => boolean) | undefined;
  readonly by: RedactionRules | undefined;
}

/** Of what all records may take, what is kept of sessions takes so much at the most. */
const FACTS_SHARE = 1 / 8;
/** What the objects around a batch's bytes take, about. */
const OVERHEAD_BYTES = 256;
/** Decoded batches that are kept, for pages that follow each other. */
const CACHED_BATCHES = 8;

/**
 * Keeps batches as workers sent them and decodes what is asked for, when it is asked for. The bytes in here are not
 * redacted yet, as those in a socket's buffer are not: what is read out is.
 */
export function createMemoryStore(options: MemoryStoreOptions): TrafficStore {
  const { rules, now = Date.now } = options;
  let { bounds } = options;
  let kept: KeptBatch[] = [];
  let bytes = 0;
  let records = 0;
  let newestSeq = 0;
  let dropped = 0;
  let isClosed = false;
  const cache = new Map<KeptBatch, Promise<readonly TrafficRecord[]>>();
  let notes = createRecordNotes();
  const beginSlice = createTimeSlices();
  const brokenBatches = new WeakSet<KeptBatch>();
  const facts = createKeptFacts({
    subjects: () => bounds.subjects,
    maxBytes: () => bounds.maxBytes * FACTS_SHARE,
    redact: (record) => redactUpgrade(record, rules),
  });

  return {
    redactsLate: true,
    append(batch) {
      dropped += batch.dropped;
      const entry = isClosed ? undefined : admit(batch);
      if (entry === undefined) {
        dropped += Math.max(1, batch.records);
        return;
      }
      if (entry.records === 0) return;
      kept.push(entry);
      bytes += entry.bytes;
      records += entry.records;
      newestSeq = entry.lastSeq;
      trim();
    },
    query,
    get,
    async note(seq, note) {
      if ((await get(seq)) === undefined) return undefined;
      notes.set(seq, note);
      return get(seq);
    },
    async facts(sessions) {
      return takeFacts(sessions, facts.of);
    },
    stats() {
      trim();
      const oldestTime = kept[0]?.oldestTime ?? 0;
      return { records, bytes, oldestTime, newestSeq, dropped, problem: "" };
    },
    clear,
    change(newest) {
      bounds = newest;
      cache.clear();
      trim();
    },
    close() {
      isClosed = true;
      clear();
    },
  };

  async function get(seq: number): Promise<TrafficRecord | undefined> {
    trim();
    const entry = kept.find(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= lastSeq);
    const record = entry && (await decode(entry, beginSlice()))[seq - entry.firstSeq];
    return record && notes.onto(record);
  }

  /** @returns undefined for a batch that is broken, or more than the store may hold */
  function admit(batch: Batch): KeptBatch | undefined {
    try {
      const summary = summarise(batch);
      // A small part of a large buffer would keep all of it alive.
      const isSmall = batch.bytes.length < batch.bytes.buffer.byteLength / 2;
      const own = isSmall ? { ...batch, bytes: Buffer.from(Uint8Array.from(batch.bytes).buffer) } : batch;
      const size = own.bytes.length + OVERHEAD_BYTES;
      if (size > bounds.maxBytes || summary.records > bounds.maxRecords) return undefined;
      noteFacts(own, facts);
      const firstSeq = newestSeq + 1;
      return { ...summary, batch: own, firstSeq, lastSeq: newestSeq + summary.records, bytes: size };
    } catch {
      return undefined;
    }
  }

  function trim(): void {
    const oldest = bounds.maxAgeMs === 0 ? 0 : now() - bounds.maxAgeMs;
    let gone = 0;
    for (const entry of kept) {
      if (bytes <= bounds.maxBytes && records <= bounds.maxRecords && entry.newestTime >= oldest) break;
      bytes -= entry.bytes;
      records -= entry.records;
      cache.delete(entry);
      gone++;
    }
    if (gone === 0) return;
    kept = kept.slice(gone);
    notes.forgetBefore(kept[0]?.firstSeq ?? newestSeq + 1);
  }

  async function query(wanted: TrafficQuery, ownRules?: RedactionRules): Promise<TrafficPage> {
    trim();
    const { before = Number.POSITIVE_INFINITY, after = 0, limit } = wanted;
    const isForward = wanted.after !== undefined;
    const { fits, asksForFacts, columns } = compileFilter(wanted);
    const factsOf = rememberFacts(facts.of);
    const slice = beginSlice();
    const isWanted = findNarrowing(columns);
    const entries = kept.filter(({ firstSeq, lastSeq }) => firstSeq < before && lastSeq > after);
    const found: TrafficRecord[] = [];
    for (const entry of isForward ? entries : entries.reverse()) {
      // Looking at headers takes its time too, where nothing fits.
      const rest = slice.pause();
      if (rest !== undefined) await rest;
      if (!mayHold(entry, columns)) continue;
      const narrowed = isWanted && ((header: RecordHeader) => isWanted(entry.batch, header));
      const decoded = await (ownRules === undefined && (narrowed === undefined || cache.has(entry))
        ? decode(entry, slice)
        : decodeRecords(entry, slice, { isWanted: narrowed, by: ownRules }));
      for (let step = 0; step < decoded.length; step++) {
        const record = notes.onto(decoded[isForward ? step : decoded.length - 1 - step]!);
        if (record.seq >= before || record.seq <= after) continue;
        const pause = slice.pause();
        if (pause !== undefined) await pause;
        const known = asksForFacts ? factsOf(record.session) : undefined;
        if (!(fits(record, known) ?? (await fitsLater({ fits }, slice, record, known)))) continue;
        if (found.length === limit) return { records: found, hasMore: true };
        found.push(record);
      }
    }
    return { records: found, hasMore: false };
  }

  function decode(entry: KeptBatch, slice: TimeSlice): Promise<readonly TrafficRecord[]> {
    const decoded = cache.get(entry) ?? decodeRecords(entry, slice);
    cache.delete(entry);
    cache.set(entry, decoded);
    for (const oldest of cache.keys()) {
      if (cache.size <= CACHED_BATCHES) break;
      cache.delete(oldest);
    }
    return decoded;
  }

  /** @param isWanted if not all of its records are */
  async function decodeRecords(
    entry: KeptBatch,
    slice: TimeSlice,
    { isWanted, by = rules }: Partial<DecodeOptions> = {},
  ): Promise<TrafficRecord[]> {
    const decoded: TrafficRecord[] = [];
    try {
      for (const raw of readRecords(entry.batch, entry.firstSeq, isWanted)) {
        decoded.push(redactRecord(raw, by));
        const pause = slice.pause();
        if (pause !== undefined) await pause;
      }
    } catch {
      // Sizes are right, and what is within is not: the rest of the batch is lost, and counted once.
      if (isWanted === undefined && !brokenBatches.has(entry)) {
        dropped += entry.records - decoded.length;
        brokenBatches.add(entry);
      }
    }
    return decoded;
  }

  function clear(): void {
    kept = [];
    bytes = 0;
    records = 0;
    cache.clear();
    facts.clear();
    notes = createRecordNotes();
  }
}

/** Whether it is worth while to decode a batch, by the headers of its records. */
function mayHold({ batch, oldestTime, newestTime }: KeptBatch, filter: TrafficFilter): boolean {
  const { route, from = 0, to = Number.POSITIVE_INFINITY } = filter;
  if (newestTime < from || oldestTime > to) return false;
  if (route !== undefined && !batch.routes.includes(route)) return false;
  const isWanted = findNarrowing(filter);
  if (isWanted === undefined) return true;
  for (const header of readHeaders(batch)) if (isWanted(batch, header)) return true;
  return false;
}

/** Which records need not be decoded, to find what is wanted; undefined when all must be. */
function findNarrowing({
  kind,
  session,
  origin,
}: TrafficFilter): ((batch: Batch, header: RecordHeader) => boolean) | undefined {
  const isJson = kind !== undefined && kind !== "frame";
  if (!isJson && session === undefined && origin === undefined) return undefined;
  return (batch, header) =>
    (!isJson || header.type === RECORD_TYPE.json) &&
    (origin === undefined || header.origin === origin) &&
    (session === undefined || sessionId(batch.worker, header.session) === session);
}
