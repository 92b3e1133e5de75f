import { createHash } from "node:crypto";
import type { Tally } from "../../../sandbox/contract/stats.ts";
import type { OwnWay, SharedWay } from "../../rollout/shared-way.ts";
import type { FleetStore } from "../store.ts";
import {
  advanceShared,
  onMachine,
  openRecord,
  type SharedContext,
  type SharedEvent,
  sumWay,
} from "./advance.ts";
import { describeMachine, placeIn } from "./place.ts";
import { type MachineReport, type OwnReport, readReports, readWay, type SharedRecord } from "./record.ts";
import { departScript, exchangeScript, moveScript } from "./rollout-scripts.ts";

/** Who has not been heard of for so long is forgotten, and so is the way of a version that nobody reports on. */
const REMEMBERED_MS = 10 * 60_000;
/** What was taken back is not to begin anew for who was away. */
const TAKEN_BACK_MS = 7 * 24 * 60 * 60_000;
const JUDGED_EVERY_MS = 400;
/** Others may change it in between; then it is looked at again. */
const MOST_TRIES = 5;

interface Known {
  readonly way: Pick<OwnWay, "policy" | "version">;
  readonly record: SharedRecord;
}

interface Exchanged {
  readonly now: number;
  readonly record: SharedRecord | undefined;
  readonly reports: readonly MachineReport[];
}

/**
 * The ways of versions, each a record in Redis that any node may change: nobody leads, so that nobody is missed. A node keeps the
 * record that it knows, and writes it again where Redis has lost it, or has an older one.
 */
export function createFleetRollouts(
  store: Pick<FleetStore, "node" | "key" | "script" | "publish" | "subscribe">,
): SharedWay & { close(): Promise<void> } {
  const { node } = store;
  const known = new Map<string, Known>();
  const listeners = new Set<() => void>();
  const channel = store.key("rollouts", "moves");
  const end = store.subscribe(channel, {
    onMessage: () => {
      for (const listener of listeners) listener();
    },
  });

  function remember({ policy, version }: OwnWay, record: SharedRecord): void {
    known.set(nameOf({ policy, version }), { way: { policy, version }, record });
  }

  /** @param report of this node; "" for none */
  async function exchange(
    own: OwnWay,
    isAll: boolean,
    report = JSON.stringify(reportOf(own)),
  ): Promise<Exchanged> {
    const { record, reports } = keysOf(own);
    const args = [node, report, REMEMBERED_MS, isAll ? 1 : 0, JUDGED_EVERY_MS];
    const reply = await store.script(exchangeScript, { keys: [record, reports], args });
    const [now, text, rows] = Array.isArray(reply) ? reply : [];
    if (typeof now !== "number" || !Array.isArray(rows)) throw new Error("expected a rollout of Redis");
    return { now, record: readWay(String(text)), reports: readReports(rows, now) };
  }

  /** @returns whether nobody else has changed it meanwhile */
  async function move(own: OwnWay, from: number, to: SharedRecord): Promise<boolean> {
    const kept = to.state === "taken back" ? TAKEN_BACK_MS : REMEMBERED_MS;
    const args = [from, to.revision, JSON.stringify(to), kept];
    if ((await store.script(moveScript, { keys: [keysOf(own).record], args })) !== 1) return false;
    await store.publish(channel, own.policy).catch(() => {});
    return true;
  }

  /** Looks until what is there is not older than what is known here. */
  async function look(own: OwnWay, isAll: boolean): Promise<Exchanged & { readonly record: SharedRecord }> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const seen = await exchange(own, isAll);
      const last = known.get(nameOf(own))?.record;
      const found = seen.record?.revision ?? 0;
      if (seen.record !== undefined && found >= (last?.revision ?? 0)) {
        remember(own, seen.record);
        return { ...seen, record: seen.record };
      }
      const record = last ?? openRecord(contextOf(own, seen.now));
      if (await move(own, found, record)) {
        remember(own, record);
        return { ...seen, record };
      }
    }
    throw new Error("the other machines change the rollout all the time");
  }

  async function change(
    own: OwnWay,
    isAll: boolean,
    eventOf: (seen: Exchanged) => SharedEvent,
  ): Promise<{ readonly record: SharedRecord; readonly isChanged: boolean }> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const seen = await look(own, isAll);
      const next = advanceShared(seen.record, eventOf(seen), contextOf(own, seen.now));
      if (next === seen.record) return { record: next, isChanged: false };
      if (!(await move(own, seen.record.revision, next))) continue;
      remember(own, next);
      return { record: next, isChanged: true };
    }
    throw new Error("the other machines change the rollout all the time");
  }

  return {
    async report(own) {
      const { harm, at } = own;
      try {
        const { record } = await change(own, false, ({ record, reports }) =>
          // What was taken back here in a round before says nothing of this one.
          harm !== undefined && (at === undefined || record?.round === at.round)
            ? { type: "harm", harm: onMachine(harm, node) }
            : { type: "reports", reports },
        );
        return placeIn(record, node);
      } catch {
        return undefined;
      }
    },
    async tell(own, word) {
      const { record, isChanged } = await change(own, true, () => word);
      return isChanged ? placeIn(record, node) : undefined;
    },
    async overview(own) {
      const { record: seen, reports } = await exchange(own, true, "");
      const record = seen ?? known.get(nameOf(own))?.record;
      if (record === undefined) return undefined;
      return {
        place: placeIn(record, node),
        machines: reports.map(describeMachine),
        numbers: sumWay(record, reports),
      };
    },
    leave(policy, version) {
      if (known.has(nameOf({ policy, version }))) void depart({ policy, version });
    },
    onMove: (listener) => void listeners.add(listener),
    async close() {
      end();
      await Promise.all([...known.values()].map(({ way }) => depart(way)));
    },
  };

  /** Nobody is to wait for this node. Settles also when nobody hears it: its report grows old then. */
  async function depart(way: Pick<OwnWay, "policy" | "version">): Promise<void> {
    known.delete(nameOf(way));
    await store.script(departScript, { keys: [keysOf(way).reports], args: [node] }).catch(() => {});
  }

  /** One tag for what one script touches; rollouts spread over a Redis Cluster. */
  function keysOf(way: Pick<OwnWay, "policy" | "version">) {
    const tag = `rollout-${createHash("sha256").update(nameOf(way)).digest("hex").slice(0, 16)}`;
    return { record: store.key(tag, "record"), reports: store.key(tag, "reports") };
  }
}

function nameOf({ policy, version }: Pick<OwnWay, "policy" | "version">): string {
  return `${policy}\n${version}`;
}

function reportOf({ at, isTakingPart, numbers, harm }: OwnWay): OwnReport {
  const { canary, stable, shadow } = numbers;
  const tallies = { canary: copyTally(canary), stable: copyTally(stable) };
  return {
    ...{ round: at?.round ?? 0, stage: at?.stage ?? 0, isTakingPart, harm: harm ?? null },
    numbers: { ...tallies, ...(shadow !== undefined && { shadow: { ...shadow } }) },
  };
}

function contextOf({ policy, version, config }: OwnWay, now: number): SharedContext {
  return { policy, version, config, now };
}

function copyTally({ latency, ...counts }: Tally) {
  return { ...counts, latency: latency.map(([upToMs, calls]): [number, number] => [upToMs, calls]) };
}
