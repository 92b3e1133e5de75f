import { type FleetView, fleetSchema, type NodeView } from "../../core/admin/api/fleet/fleet-schema.ts";
import { showShare } from "../../core/rollout/health.ts";
import { CliError } from "../errors.ts";
import { openAdminClient } from "./admin-client.ts";
import type { AdminFlags } from "./gateway-address.ts";
import { formatAge, formatSpan, printJson, printLine, printTable } from "./print.ts";

export async function showFleet(flags: AdminFlags): Promise<void> {
  const client = await openAdminClient(flags);
  const fleet = await client.get("/fleet", fleetSchema);
  if (flags.json === true) printJson(fleet);
  else printFleet(fleet);
  const isHeard = fleet.nodes.every(({ state }) => state !== "silent" && state !== "unreadable");
  if (fleet.problem !== "" || !isHeard)
    throw new CliError("ERR_CLI_UNANSWERED", fleet.problem || "a node does not answer");
}

function printFleet(fleet: FleetView): void {
  if (fleet.problem !== "") printLine(`Something is wrong: ${fleet.problem}.`);
  if (fleet.node === "") return printLine("This gateway is in no fleet: its config names no `cluster`.");
  if (fleet.nodes.length === 0) return;
  const now = Date.now();
  printTable(
    HEAD,
    fleet.nodes.map((node) => rowOf(node, now)),
  );
  for (const line of [...wordPolicies(fleet, now), ...wordRollouts(fleet)]) printLine(line);
}

const HEAD = ["NODE", "HOST", "VERSION", "SINCE", "STATE", "WORKERS", "SESSIONS", "DIFFERS"];

function rowOf(node: NodeView, now: number): string[] {
  const { node: name, host, version, startedAt, workers, sessions, isSelf, state } = node;
  // What it had last is nowhere any more.
  const count = (value: number) => (state === "gone" ? "-" : String(value));
  return [
    isSelf ? `${name} *` : name,
    host || "-",
    version || "-",
    startedAt === 0 ? "-" : formatAge(startedAt, now),
    wordState(node),
    count(workers),
    count(sessions),
    wordDifferences(node) || "-",
  ];
}

/** As in `version, config (routes, sandbox), auth`. */
function wordDifferences({ differences }: NodeView): string {
  const named = (kind: NodeView["differences"][number]["what"]) =>
    differences.flatMap(({ what, name }) => (what === kind ? [name] : []));
  const options = named("config").filter((name) => name !== "");
  const config = options.length === 0 ? "config" : `config (${options.join(", ")})`;
  return [
    ...(named("version").length > 0 ? ["version"] : []),
    ...(named("config").length > 0 ? [config] : []),
    ...named("policy"),
  ].join(", ");
}

function wordState({ state, seenMs }: NodeView): string {
  switch (state) {
    case "gone":
      return `gone for ${formatSpan(seenMs)}`;
    case "silent":
      return "does not answer";
    case "unreadable":
      return "other version";
    default:
      return state;
  }
}

/** Of each policy that is not the same everywhere: who has what, since when. */
function wordPolicies({ nodes }: FleetView, now: number): string[] {
  const names = new Set(
    nodes.flatMap(({ differences }) =>
      differences.flatMap(({ what, name }) => (what === "policy" ? [name] : [])),
    ),
  );
  return [...names].sort().map((name) => {
    const versions = nodes
      .filter(({ state }) => state !== "gone" && state !== "unreadable")
      .map(({ node, policies }) => {
        const policy = policies.find((each) => each.name === name);
        if (policy === undefined || policy.version === "") return `${node} none`;
        return `${node} ${policy.version.slice(0, SHOWN_OF_VERSION)} for ${formatAge(policy.since, now)}`;
      });
    return `${name}: ${versions.join(", ")}`;
  });
}

/** Of each version that is on its way: the share of its sessions that each machine has it for. */
function wordRollouts({ nodes }: FleetView): string[] {
  const there = nodes.filter(({ state }) => state !== "gone" && state !== "unreadable");
  const ways = there.flatMap(({ node, rollouts }) =>
    rollouts.map(({ policy, version, state, share }) => ({
      way: `${policy}: ${version.slice(0, SHOWN_OF_VERSION)} is ${state}`,
      machine: share === 0 ? `${node} waits` : `${node} ${showShare(share)}`,
    })),
  );
  const byWay = Map.groupBy(ways, ({ way }) => way);
  return [...byWay].sort().map(([way, on]) => `${way}: ${on.map(({ machine }) => machine).join(", ")}`);
}

const SHOWN_OF_VERSION = 12;
