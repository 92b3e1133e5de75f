import { RecentPeak } from "./recent-peak.ts";
import { type NodeReport, parseReport } from "./report.ts";
import { NODE_LEASE_MS, type Roll, readRoll, shiftTimes } from "./roll.ts";
import { beatScript, leaveScript, readScript } from "./roll-scripts.ts";
import type { FleetStore } from "./store.ts";

export interface MembershipOptions {
  readonly store: Pick<FleetStore, "node" | "key" | "script">;
  /** Of this start of the gateway, and of no other. */
  readonly holder: string;
  /** What this node is now, by its own clock. */
  report(): NodeReport;
  sessions(): number;
  /** It is in the fleet, for the first time. @param nodes how many there are with it */
  onJoined(nodes: number): void;
  /** Another gateway has this node's name, for longer than one that died would have it. @param host its machine's name */
  onTaken(host: string): void;
  /** After `onTaken`: the name is this node's now. */
  onFree(): void;
}

/** This node's place in the fleet: it says every second that it is there, and knows who else is. */
export interface Membership {
  start(): void;
  /** Who is there, as asked now. Rejects when Redis does not answer. @param isFull with their reports */
  read(isFull: boolean): Promise<Roll>;
  /** The most that there were in the last ten minutes, as known last: 1 before anything is known. */
  count(): number;
  isTaken(): boolean;
  /** Say so to the others. Settles also when nobody hears it: the lease ends then. */
  leave(): Promise<void>;
}

const BEAT_MS = 1_000;
/** Who is gone is shown as gone for so long. */
const REMEMBERED_MS = 10 * 60_000;
/** More are not shown; a fleet so large has other ways to see itself. */
const MOST_NODES = 2_000;
/** Clocks are never the same: what is less is no difference worth telling the others. */
const SKEW_MS = 1_000;

export function createMembership(options: MembershipOptions): Membership {
  const { store, holder } = options;
  const { node } = store;
  const key = (name: string) => store.key("nodes", name);
  const keys = [key("leases"), key("reports"), key("pulses")] as const;
  let timer: NodeJS.Timeout | undefined;
  const nodes = new RecentPeak(REMEMBERED_MS);
  let skewMs = 0;
  /** What Redis has of this node. */
  let told = "";
  let refusedSince: number | undefined;
  let isTaken = false;
  let hasJoined = false;
  let hasLeft = false;

  async function beat(): Promise<void> {
    const startedAt = Date.now();
    const report = JSON.stringify(shiftTimes(options.report(), skewMs));
    const args = [
      node,
      holder,
      NODE_LEASE_MS,
      REMEMBERED_MS,
      options.sessions(),
      report === told ? "" : report,
    ];
    const reply = await store.script(beatScript, { keys, args });
    const [word, now, count, other] = Array.isArray(reply) ? reply : [];
    if (typeof now === "number") adoptClock(now - (startedAt + Date.now()) / 2);
    // One whose name is taken lets in clients as well.
    if (typeof count === "number") nodes.see(Math.max(1, word === "taken" ? count + 1 : count));
    if (word === "taken") return refuse(parseReport(String(other))?.host ?? "");
    told = word === "ok" ? report : "";
    refusedSince = undefined;
    if (!hasJoined) options.onJoined(nodes.count ?? 1);
    hasJoined = true;
    if (isTaken) options.onFree();
    isTaken = false;
  }

  function adoptClock(skew: number): void {
    if (Math.abs(skew - skewMs) > SKEW_MS) skewMs = Math.round(skew);
  }

  /** One that was killed, and is back under its name, gets it when the lease of before has ended. */
  function refuse(host: string): void {
    told = "";
    refusedSince ??= performance.now();
    if (isTaken || performance.now() - refusedSince <= NODE_LEASE_MS + BEAT_MS) return;
    isTaken = true;
    options.onTaken(host);
  }

  async function beatOn(): Promise<void> {
    // Without Redis nobody is told; what is known stays, and the link says that it is lost.
    await beat().catch(() => {
      told = "";
    });
    if (!hasLeft) timer = setTimeout(beatOn, BEAT_MS).unref();
  }

  return {
    start: () => void beatOn(),
    read: async (isFull) =>
      readRoll(await store.script(readScript, { keys, args: [MOST_NODES, isFull ? 1 : 0] })),
    count: () => nodes.count ?? 1,
    isTaken: () => isTaken,
    async leave() {
      hasLeft = true;
      clearTimeout(timer);
      await store.script(leaveScript, { keys, args: [node, holder] }).catch(() => {});
    },
  };
}
