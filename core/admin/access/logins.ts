import { createHash, randomBytes } from "node:crypto";
import type { Role } from "../api/api-schema.ts";

/** Who has shown a token once and now shows a cookie. Ends with the process. */
export interface Logins {
  /** @returns what goes into the cookie */
  open(role: Role): string;
  find(cookie: string): Login | undefined;
  close(cookie: string): void;
}

export interface Login {
  readonly role: Role;
  /** Aborted when it is over: logged out, or too old. */
  readonly signal: AbortSignal;
}

export const LOGIN_LIFE_MS = 12 * 60 * 60 * 1000;
const MOST_LOGINS = 1000;

export function createLogins(now: () => number = () => performance.now()): Logins {
  const logins = new Map<string, { role: Role; endsAt: number; over: AbortController }>();

  return {
    open(role) {
      for (const [key, { endsAt }] of logins) if (endsAt <= now() || logins.size >= MOST_LOGINS) end(key);
      const cookie = randomBytes(32).toString("base64url");
      logins.set(keyOf(cookie), { role, endsAt: now() + LOGIN_LIFE_MS, over: new AbortController() });
      return cookie;
    },
    find(cookie) {
      const key = keyOf(cookie);
      const login = logins.get(key);
      if (login === undefined) return undefined;
      if (login.endsAt > now()) return { role: login.role, signal: login.over.signal };
      end(key);
      return undefined;
    },
    close: (cookie) => end(keyOf(cookie)),
  };

  function end(key: string): void {
    logins.get(key)?.over.abort();
    logins.delete(key);
  }
}

/** What is kept cannot be shown as a cookie, and finding it takes no longer the more of it is right. */
function keyOf(cookie: string): string {
  return createHash("sha256").update(cookie).digest("base64");
}
