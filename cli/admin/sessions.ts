import { type SessionsPage, type SessionView, sessionsPageSchema } from "../../core/admin/api/api-schema.ts";
import { sessionCountSchema } from "../../core/admin/api/steering-schema.ts";
import { countOf } from "../../policies/count-of.ts";
import { openAdminClient } from "./admin-client.ts";
import { type FilterFlags, filterOfFlags } from "./filter-flags.ts";
import type { AdminFlags } from "./gateway-address.ts";
import { formatAge, printJson, printLine, printTable, wordAttributes } from "./print.ts";
import { printUnanswered, requireAnswers } from "./unanswered.ts";

interface ListFlags extends AdminFlags, FilterFlags {
  readonly limit?: number;
  readonly before?: string;
}

const SHOWN_AT_ONCE = 50;

export async function listSessions(flags: ListFlags): Promise<void> {
  const client = await openAdminClient(flags);
  const { limit = SHOWN_AT_ONCE, before } = flags;
  const page = await client.get("/sessions", sessionsPageSchema, { ...filterOfFlags(flags), limit, before });
  if (flags.json === true) printJson(page);
  else printPage(page);
  requireAnswers(page.unanswered);
}

function printPage({ sessions, total, next, unanswered }: SessionsPage): void {
  if (sessions.length === 0) printLine("No open session fits.");
  else printSessions(sessions);
  printUnanswered(unanswered);
  if (next !== null) printLine(`${countOf(total, "session")} fit; for older ones: --before ${next}`);
}

export async function countSessions(flags: AdminFlags & FilterFlags): Promise<void> {
  const client = await openAdminClient(flags);
  const count = await client.get("/sessions/count", sessionCountSchema, filterOfFlags(flags));
  if (flags.json === true) printJson(count);
  else {
    printLine(`${countOf(count.sessions, "session")} open.`);
    printUnanswered(count.unanswered);
  }
  requireAnswers(count.unanswered);
}

/** Where there is a fleet, with the node that each is on. */
export function printSessions(sessions: readonly SessionView[]): void {
  const now = Date.now();
  const skipped = sessions.some(({ node }) => node !== "") ? 0 : 1;
  printTable(
    HEAD.slice(skipped),
    sessions.map((session) => rowOf(session, now).slice(skipped)),
  );
}

const HEAD = ["NODE", "SESSION", "AGE", "ROUTE", "CLIENT", "SERVER", "MESSAGES", "ATTRIBUTES"];

function rowOf({ node, id, route, client, server, ...rest }: SessionView, now: number): string[] {
  const { startedAt, messages, attributes } = rest;
  const counts = `${messages.client}/${messages.server}`;
  const words = wordAttributes(attributes).join(" ");
  return [node, id, formatAge(startedAt, now), route, client, server || "(held)", counts, words];
}
