import { setTimeout as delay } from "node:timers/promises";
import { startEcho } from "../lib/echo.ts";
import { type Framegate, startFramegate } from "../lib/framegate.ts";
import { findParts, type GatewayPart } from "../lib/processes.ts";
import type { Fault } from "./deck.ts";
import { type EndedSession, openSlot, type Slot } from "./slots.ts";

export interface FaultRun {
  readonly faults: readonly Fault[];
  /** Sessions of each of the two routes. */
  readonly sessions: number;
  /** Between two faults at least; the next never comes before all sessions have got over the last. */
  readonly paceMs: number;
  readonly random: () => number;
}

export interface FaultReport {
  /** Of each fault, in order: the longest that a session which outlived it has waited. */
  readonly waits: readonly { readonly fault: Fault; readonly worstMs: number }[];
  /** Answered, over all sessions. */
  readonly messages: number;
  readonly sessions: number;
  /** Sessions whose worker was killed: closed with 1006. */
  readonly endedWithWorker: number;
  /** Sessions one of whose messages ran in a host as that was killed: closed with 1011. */
  readonly endedWithHost: number;
  /** What must not be. Empty: nothing was lost, doubled or out of order, and nothing closed that was not to. */
  readonly broken: readonly string[];
  /** The end of the gateway's log. */
  readonly log: readonly string[];
}

const WORKER_SILENCE = "2s";
/** How long a process is stopped that goes on afterwards: less than anything takes for dead. */
const PAUSE_MS = 400;
/** For sessions to get over a fault: as long as a worker that keeps dying is paused, and some. */
const RECOVERY_MS = 60_000;
const VERSION_EVERY = 5;

/**
 * What it counts is its session state: of that nothing may be lost either. It is written after the wait: what a call that
 * is sent again had written before it waited may be in the state that another hook left.
 */
const counting = (version: number) => `
export const client = async ({ content, session }) => {
  await null;
  session.seen = (session.seen ?? 0) + 1;
  return { content: { body: { ...content.json(), seen: session.seen, version: ${version} } } };
};
export const server = ({ content, session }) => {
  session.back = (session.back ?? 0) + 1;
  return { content: { body: { ...content.json(), back: session.back } } };
};`;

/** A gateway, numbered messages through it, and one process after the other that is killed or stopped meanwhile. */
export async function runFaults(run: FaultRun): Promise<FaultReport> {
  const echo = await startEcho();
  const gateway = await startFramegate(
    { count: counting(0) },
    {
      workers: 2,
      workerSilence: WORKER_SILENCE,
      routes: [
        { path: "/plain", upstream: echo.url },
        { path: "/counted", upstream: echo.url, policies: ["count"] },
      ],
    },
  );
  const stopped = new Set<number>();
  try {
    return await strike(run, gateway, stopped);
  } catch (error) {
    const parts = findParts(gateway.pid).map((part) => JSON.stringify(part));
    throw new Error([(error as Error).message, ...parts, ...gateway.lastLines].join("\n"), { cause: error });
  } finally {
    // Nothing else ends a process that is stopped.
    for (const { pid } of findParts(gateway.pid)) if (stopped.has(pid)) signal(pid, "SIGKILL");
    await gateway.stop();
    echo.close();
  }
}

async function strike(run: FaultRun, gateway: Framegate, stopped: Set<number>): Promise<FaultReport> {
  const doomedWorkers = new Set<number>();
  const ended: EndedSession[] = [];
  const slots = [false, true].flatMap((isCounted) =>
    Array.from({ length: run.sessions }, () =>
      openSlot({
        ...{ gateway, isCounted, path: isCounted ? "/counted" : "/plain" },
        onEnd: (end) => ended.push(end),
      }),
    ),
  );
  await recovered(slots);
  const waits: { fault: Fault; worstMs: number }[] = [];
  let hostKills = 0;
  let version = 0;
  for (const [index, fault] of run.faults.entries()) {
    if (index % VERSION_EVERY === 0) await gateway.save("count", counting(++version));
    const next = delay(run.paceMs);
    for (const { session } of slots) session?.takeWorst();
    const part = choose(findParts(gateway.pid), fault, run.random);
    const isGone = fault.blow !== "pause";
    if (part.kind === "worker" && isGone) doomedWorkers.add(part.pid);
    if (part.kind === "host" && isGone) hostKills++;
    if (fault.blow === "stop") stopped.add(part.pid);
    signal(part.pid, fault.blow === "kill" ? "SIGKILL" : "SIGSTOP");
    if (fault.blow === "pause") {
      await delay(PAUSE_MS);
      signal(part.pid, "SIGCONT");
    }
    await recovered(slots).catch((error: Error) => {
      throw new Error(`fault ${index}, ${part.kind} ${part.pid} ${fault.blow}: ${error.message}`);
    });
    const worstMs = Math.max(...slots.map(({ session }) => session?.takeWorst() ?? 0));
    waits.push({ fault: { target: part.kind as Fault["target"], blow: fault.blow }, worstMs });
    await next;
  }

  await gateway.save("count", counting(++version));
  const broken: string[] = [];
  const isLive = () => slots.some(({ session }) => session?.version === version);
  if (!(await within(RECOVERY_MS, isLive))) broken.push("the last version of the policy never ran");
  for (const { session } of slots) session?.pause();
  await within(RECOVERY_MS, () => slots.every(({ session }) => session?.sent === session?.answered));
  const open = slots.flatMap(({ session }) => session ?? []);
  for (const { sent, answered } of open)
    if (sent !== answered) broken.push(`${sent - answered} messages lost`);
  broken.push(...[...open, ...ended].flatMap(({ wrong }) => wrong.slice(0, 1)));

  const withWorker = ended.filter((end) => isWithWorker(end, doomedWorkers));
  const withHost = ended.filter(({ code, isCounted }) => code === 1011 && isCounted);
  if (withHost.length > hostKills)
    broken.push(`${withHost.length} closed with 1011, ${hostKills} hosts killed`);
  for (const end of ended)
    if (!withWorker.includes(end) && !withHost.includes(end))
      broken.push(`closed with ${end.code} ${end.reason} (counted: ${end.isCounted}, worker: ${end.owner})`);
  for (const slot of slots) slot.stop();
  return {
    waits,
    messages: [...open, ...ended].reduce((sum, { answered }) => sum + answered, 0),
    sessions: open.length + ended.length,
    endedWithWorker: withWorker.length,
    endedWithHost: withHost.length,
    broken,
    log: [...gateway.lastLines],
  };
}

function isWithWorker({ code, owner }: EndedSession, doomed: ReadonlySet<number>): boolean {
  return code === 1006 && (owner === undefined ? doomed.size > 0 : doomed.has(owner));
}

/** There is not always a probe, nor an esbuild: then it meets a host. */
function choose(parts: readonly GatewayPart[], { target }: Fault, random: () => number): GatewayPart {
  const wanted = parts.filter(({ kind }) => kind === target);
  const found = wanted.length > 0 ? wanted : parts.filter(({ kind }) => kind === "host");
  const part = found[Math.floor(random() * found.length)];
  if (part === undefined) throw new Error(`no ${target} runs`);
  return part;
}

/** Each place has a session that has had an answer to what it sent from now on. */
async function recovered(slots: readonly Slot[]): Promise<void> {
  const marks = new Map(slots.map(({ session }) => [session, session?.sent ?? 0]));
  const hasRecovered = ({ session }: Slot): boolean =>
    session !== undefined && session.answered > (marks.get(session) ?? 0);
  if (!(await within(RECOVERY_MS, () => slots.every(hasRecovered))))
    throw new Error(`${slots.filter((slot) => !hasRecovered(slot)).length} sessions have not got over it`);
}

async function within(ms: number, ask: () => boolean): Promise<boolean> {
  const until = performance.now() + ms;
  while (!ask()) {
    if (performance.now() > until) return false;
    await delay(10);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
