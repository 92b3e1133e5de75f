import type { SessionFacts } from "../../core/traffic/records.ts";

/** What the gateway has said of the sessions of rows. */
export interface KnownSessions {
  of(session: string): SessionFacts | undefined;
  add(sessions: Readonly<Record<string, SessionFacts>>): void;
}

const MOST_SESSIONS = 20_000;

/** Those that were heard of longest ago go first; each page says again what its rows need. */
export function createKnownSessions(): KnownSessions {
  const known = new Map<string, SessionFacts>();
  return {
    of: (session) => known.get(session),
    add(sessions) {
      for (const [id, facts] of Object.entries(sessions)) {
        known.delete(id);
        known.set(id, facts);
      }
      for (const oldest of known.keys()) {
        if (known.size <= MOST_SESSIONS) return;
        known.delete(oldest);
      }
    },
  };
}
