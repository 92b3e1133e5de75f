import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { SteeringJobs } from "../steering/steering-jobs.ts";
import type { SteeredWorker } from "../steering/steering-order.ts";
import type { Desk } from "./desk/desk.ts";
import { createFleetDesk } from "./desk/fleet-desk.ts";
import { createFleetHoldDesk, readDecision } from "./desk/fleet-hold-desk.ts";
import type { HoldDesk } from "./desk/hold-desk.ts";
import { fitPage } from "./desk/merge-pages.ts";
import { type NodeDeskOptions, readNodePage } from "./desk/node-desk.ts";
import { showJob } from "./desk/shown-job.ts";
import { createMembership } from "./membership.ts";
import { createCorrespondence } from "./questions/correspondence.ts";
import { MAX_ANSWER_LENGTH } from "./questions/protocol.ts";
import type { FleetAnswerer } from "./questions/questions.ts";
import { createRemoteNode } from "./remote-node.ts";
import type { KnownNode, NodeReport } from "./report.ts";
import type { Roll } from "./roll.ts";
import { describeNodes, type FleetProblem, type FleetStatus } from "./status.ts";
import { SteeredGroup } from "./steered-group.ts";
import type { FleetStore } from "./store.ts";

export interface FleetOptions extends Pick<NodeDeskOptions, "workers" | "rules"> {
  readonly store: FleetStore;
  /** What this node is now. */
  report(): NodeReport;
  /** How many are open here. */
  sessions(): number;
  /** What this node has itself. */
  readonly own: Desk;
  readonly ownHolds: HoldDesk;
  readonly steering: Pick<SteeringJobs, "start">;
  steered(): readonly SteeredWorker[];
  onNews(news: FleetNews): void;
  /** Tests only: on a machine that is busy, for how many times as long others are waited for. */
  readonly patience?: number | undefined;
}

export type FleetNews =
  | { readonly type: "joined"; readonly nodes: number }
  /** Another gateway has this node's name. */
  | { readonly type: "taken"; readonly host: string }
  | { readonly type: "free" }
  /** What another node has asked could not be answered. */
  | { readonly type: "fault"; readonly question: string; readonly error: Error };

/** Longest until Redis has said who is there. */
const READ_PATIENCE_MS = 500;

/** This node's side of the fleet. */
export interface Fleet {
  /** Sessions of all nodes. */
  readonly desk: Desk;
  readonly holds: HoldDesk;
  status(): Promise<FleetStatus>;
  /** As known last: nobody is asked. */
  problem(): FleetProblem | undefined;
  /** How many nodes there are, as known last. */
  nodes(): number;
  start(): void;
  close(): Promise<void>;
}

export function createFleet(options: FleetOptions): Fleet {
  const { store, own, ownHolds, workers, rules, patience = 1 } = options;
  const { node } = store;
  const holder = randomBytes(8).toString("hex");
  const group = new SteeredGroup(options.steered);
  /** Who was there when Redis was asked last. */
  let known: readonly KnownNode[] = [];
  const membership = createMembership({
    ...{ store, holder },
    report: options.report,
    sessions: options.sessions,
    onJoined: (nodes) => options.onNews({ type: "joined", nodes }),
    onTaken: (host) => options.onNews({ type: "taken", host }),
    onFree: () => options.onNews({ type: "free" }),
  });
  const answerer: FleetAnswerer = {
    ping: () => ({ done: true }),
    sessions: async (query) => fitPage(await readNodePage({ workers, rules }, query), MAX_ANSWER_LENGTH / 2),
    countSessions: ({ filter }) => own.count(filter),
    closeSession: ({ id, status }) => own.close(id, status),
    say: ({ id, binary, base64, ...said }) =>
      own.say(id, { ...said, payload: { binary, bytes: Buffer.from(base64, "base64") } }),
    renewSession: ({ id }) => own.renew(id),
    selectSessions: async (order) => ({ sessions: await group.selectSessions(order) }),
    steerSessions: ({ id, count }) => group.steerSessions(id, count),
    async forgetSessions({ id }) {
      await group.forgetSessions(id);
      return { done: true };
    },
    async held({ id }) {
      const { breakpoints, passed, unreadable, messages } = await ownHolds.read(id);
      const shown = messages.map(({ node: _, ...message }) => message);
      return { breakpoints, passed, unreadable, messages: shown };
    },
    setBreakpoint: (order) => ownHolds.set(order),
    removeBreakpoint: ({ id }) => ownHolds.remove(id),
    async decideHeld(order) {
      const decision = readDecision(order);
      return decision === undefined ? { outcome: "gone" } : ownHolds.decide(order.id, decision);
    },
    releaseHeld: (selection) => ownHolds.releaseAll(selection),
    jobs: async () => ({ jobs: (await own.jobs()).jobs.map(({ node: _, ...job }) => job) }),
    stopJob: ({ id }) => own.stopJob(id),
  };
  const correspondence = createCorrespondence({
    ...{ store, holder, answerer, patience },
    onFault: (question, error) => options.onNews({ type: "fault", question, error }),
  });

  async function others(): Promise<readonly KnownNode[]> {
    // It is in no fleet.
    if (membership.isTaken()) return [];
    // Without Redis, or while it hangs, those who were there are asked in vain, and so named.
    const asking = membership.read(false).then(
      (roll) => roll.nodes,
      () => known,
    );
    known = await Promise.race([asking, delay(READ_PATIENCE_MS * patience, known, { ref: false })]);
    return known.filter((each) => !each.isGone && each.holder !== holder);
  }

  /** Of which nobody need be asked. */
  function self(): KnownNode {
    return { node, holder, sessions: options.sessions(), seenMs: 0, isGone: false, report: options.report() };
  }

  const desk = createFleetDesk({
    ...{ node, own, patience },
    readPage: (query) => readNodePage({ workers, rules }, query),
    count: membership.count,
    ask: async (name, args, how) => correspondence.ask(name, args, await others(), how),
    async start(wish) {
      const remote = (await others()).map((each) => createRemoteNode(correspondence, each));
      const job = await options.steering.start(wish, [...options.steered(), ...remote]);
      return { ...showJob(job), node };
    },
  });

  const holds = createFleetHoldDesk({
    own: ownHolds,
    ask: async (name, args) => correspondence.ask(name, args, await others()),
  });

  return {
    ...{ desk, holds },
    async status() {
      let roll: Roll;
      try {
        roll = await membership.read(true);
      } catch (error) {
        const problem = `Redis does not answer, so nothing is known of other nodes: ${(error as Error).message}`;
        return { node, nodes: describeNodes([self()], [], holder), isLost: true, problem };
      }
      const asked = roll.nodes.filter((each) => !each.isGone && each.holder !== holder);
      const { unanswered } = await correspondence.ask("ping", {}, asked);
      const nodes = describeNodes(roll.nodes, unanswered, holder);
      return { node, nodes, isLost: false, problem: membership.isTaken() ? wordTaken(node) : "" };
    },
    problem() {
      if (!store.isUp())
        return {
          kind: "lost",
          message:
            "no connection to it: see whether it runs, and what `cluster.url` says; limits go by their onStoreLoss meanwhile",
        };
      return membership.isTaken() ? { kind: "name", message: wordTaken(node) } : undefined;
    },
    nodes: membership.count,
    start: membership.start,
    async close() {
      await membership.leave();
      correspondence.close();
      group.close();
    },
  };
}

function wordTaken(node: string): string {
  return `another gateway of the fleet is called "${node}", so this one is not in it: give each a \`cluster.node\` of its own`;
}
