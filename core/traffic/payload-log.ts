import type { PayloadPoint } from "../config/index.ts";
import type { Logger } from "../log.ts";
import type { RedactionRules } from "../redaction/rules.ts";
import type { Batch } from "./batch/batch.ts";
import { readRecords } from "./batch/reader.ts";
import { redactRecord } from "./record-redaction.ts";
import type { FrameRecord, HookRecord, PayloadView, UpgradeRecord } from "./records.ts";

export interface PayloadLogOptions {
  readonly logger: Logger;
  readonly rules: RedactionRules;
  /** Where the route's payloads are logged. */
  pointsOf(route: string): readonly PayloadPoint[];
}

/** Both ends of a session. */
type Ends = Pick<UpgradeRecord, "client" | "server">;

/** Sessions whose ends are known at once: those of a worker that died are never told to have ended. */
const MOST_SESSIONS = 100_000;

/** Writes a line for each payload at each point that its route names. */
export function createPayloadLog({ logger, rules, pointsOf }: PayloadLogOptions): (batch: Batch) => void {
  const ends = new Map<string, Ends>();

  return (batch) => {
    if (batch.dropped > 0) {
      logger.warn({ count: batch.dropped }, "payloads not logged: there were too many at once");
    }
    try {
      logBatch(batch);
    } catch (error) {
      logger.error(`payloads not logged: ${(error as Error).message}`);
    }
  };

  function logBatch(batch: Batch): void {
    for (const raw of readRecords(batch, 0)) {
      const record = redactRecord(raw, rules);
      if (record.kind === "upgrade") begin(record);
      else if (record.kind === "close") ends.delete(record.session);
      else if (record.kind === "frame" && isData(record)) logFrame(record);
      else if (record.kind === "hook") logHook(record);
    }
  }

  function begin({ session, client, server, status }: UpgradeRecord): void {
    if (status !== 101) return;
    ends.set(session, { client, server });
    for (const oldest of ends.keys()) {
      if (ends.size <= MOST_SESSIONS) break;
      ends.delete(oldest);
    }
  }

  function logFrame(record: FrameRecord): void {
    const { origin, opcode, sequence, outcome, maskKey, durationMs } = record;
    const fields = { origin, opcode, sequence, maskKey, durationMs, outcome };
    logPassages(record, passagesOf(record), fields);
  }

  function logHook(record: HookRecord): void {
    const { hook, policy, version, durationMs, outcome, toClient, toServer } = record;
    const passages = [...at("toClient", toClient), ...at("toServer", toServer)];
    logPassages(record, passages, { hook, policy, version, durationMs, outcome });
  }

  function logPassages(
    { session, route }: FrameRecord | HookRecord,
    passages: readonly Passage[],
    fields: object,
  ): void {
    const points = pointsOf(route);
    const both = ends.get(session);
    for (const { point, view } of passages) {
      if (!points.includes(point)) continue;
      const { encoding, data, length, isCut } = view;
      const about = { session, route, ...both, point, ...fields };
      logger.info({ ...about, length, isCut, encoding, payload: data }, "payload");
    }
  }
}

interface Passage {
  readonly point: PayloadPoint;
  readonly view: PayloadView;
}

/** Which payloads a message brought past which point. */
function passagesOf({ origin, outcome, payload, after, replies, appended }: FrameRecord): Passage[] {
  const [enters, leaves, returns] = POINTS[origin];
  const hasLeft = outcome === "spliced" || outcome === "passed" || outcome === "replaced";
  const left = after ?? (hasLeft ? payload : null);
  return [...at(enters, [payload]), ...at(leaves, [left, ...appended]), ...at(returns, replies)];
}

function at(point: PayloadPoint, views: readonly (PayloadView | null)[]): Passage[] {
  return views.flatMap((view) => (view === null ? [] : [{ point, view }]));
}

/** By who sent the message: where it enters, where it leaves, and where a policy's reply to it leaves. */
const POINTS = {
  client: ["fromClient", "toServer", "toClient"],
  server: ["fromServer", "toClient", "toServer"],
} as const satisfies Record<FrameRecord["origin"], readonly PayloadPoint[]>;

function isData({ opcode }: FrameRecord): boolean {
  return opcode < 8;
}
