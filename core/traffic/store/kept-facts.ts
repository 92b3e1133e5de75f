import { factsOf, withAttributes } from "../filter/session-facts.ts";
import type { HookRecord, SessionFacts, UpgradeRecord } from "../records.ts";

/** What upgrades have said of sessions, for as long as their later records may be asked for. */
export interface KeptFacts {
  /** Of a session that goes on. */
  begin(record: UpgradeRecord): void;
  change(record: Pick<HookRecord, "session" | "attributes">): void;
  end(session: string): void;
  of(session: string): SessionFacts | undefined;
  /** Those of sessions that are over. */
  clear(): void;
}

export interface KeptFactsOptions {
  readonly subjects: () => readonly string[];
  readonly maxBytes: () => number;
  /** Hides what nobody is to see; absent: it has been hidden before. */
  readonly redact?: (record: UpgradeRecord) => UpgradeRecord;
}

interface Entry {
  upgrade: UpgradeRecord;
  bytes: number;
  hasEnded: boolean;
}

/** The oldest make room, as those of records do. */
export function createKeptFacts({ subjects, maxBytes, redact }: KeptFactsOptions): KeptFacts {
  const entries = new Map<string, Entry>();
  let bytes = 0;

  return {
    begin(record) {
      drop(record.session);
      const upgrade = essenceOf(record);
      const size = sizeOf(upgrade);
      entries.set(record.session, { upgrade, bytes: size, hasEnded: false });
      bytes += size;
      makeRoom();
    },
    change({ session, attributes }) {
      const entry = entries.get(session);
      if (entry === undefined) return;
      bytes -= entry.bytes;
      entry.upgrade = withAttributes(entry.upgrade, attributes);
      entry.bytes = sizeOf(entry.upgrade);
      bytes += entry.bytes;
      makeRoom();
    },
    end(session) {
      const entry = entries.get(session);
      if (entry !== undefined) entry.hasEnded = true;
    },
    of(session) {
      const entry = entries.get(session);
      if (entry === undefined) return undefined;
      return factsOf(redact === undefined ? entry.upgrade : redact(entry.upgrade), subjects());
    },
    clear() {
      for (const [session, { hasEnded }] of entries) if (hasEnded) drop(session);
    },
  };

  function makeRoom(): void {
    for (const session of entries.keys()) {
      if (bytes <= maxBytes()) return;
      drop(session);
    }
  }

  function drop(session: string): void {
    bytes -= entries.get(session)?.bytes ?? 0;
    entries.delete(session);
  }
}

/** What is known of some sessions. */
export function takeFacts(
  sessions: Iterable<string>,
  factsOf: (session: string) => SessionFacts | undefined,
): ReadonlyMap<string, SessionFacts> {
  const found = new Map<string, SessionFacts>();
  for (const session of sessions) {
    const facts = factsOf(session);
    if (facts !== undefined) found.set(session, facts);
  }
  return found;
}

/** For one search, in which the records of a session follow each other: each session is looked up once in a while. */
export function rememberFacts(
  factsOf: (session: string) => SessionFacts | undefined,
): (session: string) => SessionFacts | undefined {
  const found = new Map<string, SessionFacts | undefined>();
  return (session) => {
    if (!found.has(session)) {
      if (found.size >= MOST_REMEMBERED) found.clear();
      found.set(session, factsOf(session));
    }
    return found.get(session);
  };
}

const MOST_REMEMBERED = 1_000;

/** Of all headers the host: the rest is in the record of the upgrade, as long as that is kept. */
function essenceOf(record: UpgradeRecord): UpgradeRecord {
  return {
    ...record,
    request: record.request.filter(([name]) => name.toLowerCase() === "host"),
    serverRequest: null,
    serverResponse: null,
    phases: [],
    response: [],
    steps: [],
  };
}

/** About what it takes in memory. */
function sizeOf(upgrade: UpgradeRecord): number {
  return OVERHEAD_BYTES + 2 * (upgrade.path.length + JSON.stringify(upgrade.attributes).length);
}

const OVERHEAD_BYTES = 1024;
