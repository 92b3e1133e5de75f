import { type DrainsView, drainsSchema } from "../../core/admin/api/drains/drain-schema.ts";
import { steeringStartedSchema } from "../../core/admin/api/steering-schema.ts";
import { countOf } from "../../policies/count-of.ts";
import { requireConsent } from "../consent.ts";
import { CliError } from "../errors.ts";
import { openAdminClient, type SearchValues } from "./admin-client.ts";
import type { AdminFlags } from "./gateway-address.ts";
import { printJson, printLine, printTable } from "./print.ts";
import { type PaceFlags, reportStarted } from "./steer-sessions.ts";

interface DrainFlags extends AdminFlags, PaceFlags {
  readonly code?: number;
  readonly reason?: string;
  readonly delay?: string;
  readonly end?: boolean;
}

export async function drainRoute(name: string, flags: DrainFlags): Promise<void> {
  await drain(`/routes/${encodeURIComponent(name)}/drain`, flags, {
    what: `route ${name}`,
  });
}

export async function drainGateway(flags: DrainFlags): Promise<void> {
  await drain("/drain", flags, { what: "the gateway" });
}

export async function drainUpstream(
  name: string,
  flags: DrainFlags & { readonly target?: string },
): Promise<void> {
  const { target } = flags;
  await drain(`/upstreams/${encodeURIComponent(name)}/drain`, flags, {
    what: target === undefined ? `upstream ${name}` : `${target} of upstream ${name}`,
    query: { target },
  });
}

interface Drained {
  readonly what: string;
  readonly query?: SearchValues;
}

/** How many sessions it has is said, and somebody has to agree, before anything is done. */
async function drain(path: string, flags: DrainFlags, { what, query = {} }: Drained): Promise<void> {
  if (flags.end === true && flags.dryRun === true)
    throw new CliError(
      "ERR_CLI_USAGE",
      "Expected --end or --dry-run, got both: the end of a drain closes nothing; `framegate drain list` says what is drained.",
    );
  if (flags.end === true && flags.delay !== undefined)
    throw new CliError(
      "ERR_CLI_USAGE",
      "Expected --end or --delay, got both: a drain ends at once, also one that waits for its time.",
    );
  const client = await openAdminClient(flags);
  const { rate, over, jitter, code, reason, delay, json = false } = flags;
  if (flags.end === true) {
    const drains = await client.delete(path, drainsSchema, query);
    return json ? printJson(drains) : printLine(`Ended: ${what} takes connections again.`);
  }
  const body = { ...query, rate, over, jitter, code, reason, delay };
  const ask = (dryRun: boolean) => client.post(path, steeringStartedSchema, { ...body, dryRun });
  if (flags.dryRun === true || flags.yes !== true) {
    const dry = await ask(true);
    if (json && flags.dryRun === true) return printJson(dry);
    printLine(`${countOf(dry.sessions, "session")} open at ${what}.`);
    if (flags.dryRun === true) return;
    await requireConsent(`Drain ${what}?`, false);
  }
  reportStarted(await ask(false), flags);
}

export async function listDrains(flags: AdminFlags): Promise<void> {
  const client = await openAdminClient(flags);
  const drains = await client.get("/drains", drainsSchema);
  if (flags.json === true) return printJson(drains);
  const rows = rowsOf(drains);
  if (rows.length === 0) return printLine("Nothing is drained.");
  printTable(["WHAT", "NAME", "SERVER", "STATE", "DONE", "LEFT"], rows);
}

function rowsOf({ gateway, routes, servers, closing, waiting }: DrainsView): string[][] {
  const row = (place: Place, state: string, done = "", left = "") => {
    const { kind, name, target } = place;
    return [kind, name, kind === "upstream" ? target || "all servers" : "", state, done, left];
  };
  const drained: readonly Place[] = [
    ...(gateway ? [{ kind: "gateway", name: "", target: "" } as const] : []),
    ...routes.map((name) => ({ kind: "route", name, target: "" }) as const),
    ...servers.map(({ upstream, target }) => ({ kind: "upstream", name: upstream, target }) as const),
  ];
  return [
    ...drained.map((place) => {
      const { kind, name, target } = place;
      const job = closing.find((each) => each.kind === kind && each.name === name && each.target === target);
      if (job === undefined) return row(place, "drained");
      const state = job.state === "running" ? "closing" : "drained";
      return row(place, state, String(job.done), String(job.left));
    }),
    ...waiting.map((place) => row(place, `begins at ${new Date(place.at).toISOString()}`)),
  ];
}

type Place = Pick<DrainsView["waiting"][number], "kind" | "name" | "target">;
