import { type SessionView, sessionsPageSchema } from "../../core/admin/api/api-schema.ts";
import { sessionCountSchema } from "../../core/admin/api/steering-schema.ts";
import { countOf } from "../../policies/count-of.ts";
import { openAdminClient } from "./admin-client.ts";
import { type FilterFlags, filterOfFlags } from "./filter-flags.ts";
import type { AdminFlags } from "./gateway-address.ts";
import { formatAge, printJson, printLine, printTable, wordAttributes } from "./print.ts";

interface ListFlags extends AdminFlags, FilterFlags {
  readonly limit?: number;
  readonly before?: string;
}

const SHOWN_AT_ONCE = 50;

export async function listSessions(flags: ListFlags): Promise<void> {
  const client = await openAdminClient(flags);
  const { limit = SHOWN_AT_ONCE, before } = flags;
  const page = await client.get("/sessions", sessionsPageSchema, { ...filterOfFlags(flags), limit, before });
  if (flags.json === true) return printJson(page);
  const { sessions, total, next } = page;
  if (sessions.length === 0) return printLine("No open session fits.");
  printSessions(sessions);
  if (next !== null) printLine(`${countOf(total, "session")} fit; for older ones: --before ${next}`);
}

export async function countSessions(flags: AdminFlags & FilterFlags): Promise<void> {
  const client = await openAdminClient(flags);
  const count = await client.get("/sessions/count", sessionCountSchema, filterOfFlags(flags));
  if (flags.json === true) return printJson(count);
  printLine(`${countOf(count.sessions, "session")} open.`);
}

export function printSessions(sessions: readonly SessionView[]): void {
  const now = Date.now();
  printTable(
    HEAD,
    sessions.map((session) => rowOf(session, now)),
  );
}

const HEAD = ["SESSION", "AGE", "ROUTE", "CLIENT", "SERVER", "MESSAGES", "ATTRIBUTES"];

function rowOf({ id, route, client, server, attributes, ...rest }: SessionView, now: number): string[] {
  const { startedAt, messages } = rest;
  const words = wordAttributes(attributes);
  const age = formatAge(startedAt, now);
  return [
    id,
    age,
    route,
    client,
    server || "(held)",
    `${messages.client}/${messages.server}`,
    words.join(" "),
  ];
}
