import { routesSchema, trafficPageSchema } from "../../core/admin/api/api-schema.ts";
import type { FrameRecord, TrafficRecord } from "../../core/traffic/records.ts";
import { showControls } from "../../policies/shown-text.ts";
import { type AdminClient, openAdminClient } from "../admin/admin-client.ts";
import type { AdminFlags } from "../admin/gateway-address.ts";
import { layOut, printJson } from "../admin/print.ts";
import { CliError } from "../errors.ts";
import { describeMessage, describeSession, type ExplainedLine } from "./describe-session.ts";

const PAGE_RECORDS = 1000;
/** Of a session that went on for long the newest: what people can read. */
const MOST_RECORDS = 10_000;

/** @param message as the list of them calls it: `client:3` */
export async function explainSession(
  session: string,
  message: string | undefined,
  flags: AdminFlags,
): Promise<void> {
  const client = await openAdminClient(flags);
  const records = await readRecords(client, session);
  if (records.length === 0)
    throw new CliError(
      "ERR_CLI_GATEWAY",
      `Nothing is recorded of session "${session}": \`recording\` is off for its route, or it was too long ago (\`traffic\` says how much is kept).`,
    );
  if (message !== undefined) {
    const frame = findFrame(records, session, message);
    return flags.json === true ? printJson(frame) : print(describeMessage(frame));
  }
  if (flags.json === true) return printJson(records);
  const { routes } = await client.get("/routes", routesSchema);
  const name = records[0]?.route;
  print(
    describeSession(
      records,
      routes.find((route) => route.name === name),
    ),
  );
}

/** Oldest first. */
async function readRecords(client: AdminClient, session: string): Promise<TrafficRecord[]> {
  const found: TrafficRecord[] = [];
  let before: number | undefined;
  for (;;) {
    const query = { session, limit: PAGE_RECORDS, before };
    const { records, hasMore } = await client.get("/traffic", trafficPageSchema, query);
    found.push(...records);
    before = records.at(-1)?.seq;
    if (!hasMore || found.length >= MOST_RECORDS) return found.reverse();
  }
}

function findFrame(records: readonly TrafficRecord[], session: string, message: string): FrameRecord {
  const [, origin, sequence] = /^(client|server):(\d+)$/.exec(message) ?? [];
  if (origin === undefined)
    throw new CliError("ERR_CLI_USAGE", `Expected a message such as client:3 or server:1, got "${message}".`);
  const frame = records.find(
    (record) => record.kind === "frame" && record.origin === origin && record.sequence === Number(sequence),
  );
  if (frame?.kind === "frame") return frame;
  throw new CliError(
    "ERR_CLI_GATEWAY",
    `Message ${message} of session "${session}" is not among what is kept: \`framegate explain ${session}\` lists those that are.`,
  );
}

/** Rows that follow each other are one table. What peers wrote does not steer the terminal. */
function print(lines: readonly ExplainedLine[]): void {
  const text: string[] = [];
  for (let from = 0; from < lines.length; ) {
    const line = lines[from];
    if (line === undefined || typeof line === "string") {
      text.push(showControls(line ?? ""));
      from++;
      continue;
    }
    const end = lines.findIndex(
      (each, index) => index > from && (typeof each === "string" || each.length !== line.length),
    );
    const rows = lines.slice(from, end === -1 ? lines.length : end) as (readonly string[])[];
    text.push(...layOut(rows));
    from += rows.length;
  }
  process.stdout.write(`${text.join("\n")}\n`);
}
