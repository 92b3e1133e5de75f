import { createRandom, poisson } from "./random.ts";
import { createSimulatedFleet } from "./simulated-fleet.ts";

export interface LeaseRun {
  readonly nodes: number;
  readonly seconds: number;
  /** The part of what is allowed that comes in, after a phase's first half second. */
  readonly used: Readonly<Record<string, number>>;
  /** Let in, in each tenth of a second. */
  readonly admitted: readonly number[];
  /** What the limit lets in, in each. */
  readonly allowed: number;
  /** Most that was let in beyond burst and rate, in any span of tenths while Redis was there. */
  readonly most: number;
  /** By the docs: the rate for a tenth of a second. */
  readonly bound: number;
  readonly asked: number;
  /** Milliseconds from a change until nine tenths of what is allowed come in again. */
  readonly converged: Readonly<Record<string, number>>;
}

const RATE = 20_000;
const BURST = 2_000;
const ROUND_TRIP_MS = 2;
const TENTH = 100;
/** Tenths after a change. */
const SETTLED = 5;

/** Where the load goes, second by second, and whether Redis is there. */
const PHASES = [
  { name: "even", seconds: 3, on: 1, isLost: false },
  { name: "to a hundredth of the machines", seconds: 3, on: 0.01, isLost: false },
  { name: "even again", seconds: 2, on: 1, isLost: false },
  { name: "Redis lost", seconds: 2, on: 1, isLost: true },
  { name: "Redis back", seconds: 2, on: 1, isLost: false },
] as const;

/** Twice as much as is allowed comes all the time, at random, to all machines or to few of them. */
export async function simulateLeases(nodes: number): Promise<LeaseRun> {
  const random = createRandom(nodes);
  const of = {
    space: "simulated",
    key: "one",
    refill: { most: BURST, everyMs: 1000 / RATE },
    onStoreLoss: "local",
  } as const;
  const fleet = createSimulatedFleet({ nodes, roundTripMs: ROUND_TRIP_MS, of });
  const admitted: number[] = [];
  const converged: Record<string, number> = {};
  const used: Record<string, number> = {};
  const allowed = RATE / (1000 / TENTH);
  let lostAt: number | undefined;
  for (const { name, seconds, on, isLost } of PHASES) {
    fleet.lose(isLost);
    const busy = Math.max(1, Math.round(nodes * on));
    const mean = (2 * RATE) / 1000 / busy;
    const began = admitted.length;
    if (isLost) lostAt ??= began;
    for (let tenth = 0; tenth < (seconds * 1000) / TENTH; tenth++) {
      const before = fleet.admitted;
      for (let ms = 0; ms < TENTH; ms++) {
        const arrivals = Array.from({ length: busy }, (_, node) => [node, poisson(mean, random)] as const);
        await fleet.pass(arrivals.filter(([, count]) => count > 0));
      }
      admitted.push(fleet.admitted - before);
      if ((admitted.at(-1) as number) >= allowed * 0.9) converged[name] ??= (admitted.length - began) * TENTH;
    }
    const settled = admitted.slice(began + SETTLED);
    used[name] = settled.reduce((sum, count) => sum + count, 0) / settled.length / allowed;
  }
  return {
    ...{ nodes, admitted, allowed, converged, used },
    seconds: (admitted.length * TENTH) / 1000,
    most: mostBeyond(admitted.slice(0, lostAt), allowed),
    bound: RATE / (1000 / TENTH),
    asked: fleet.asked,
  };
}

/** Kadane's: of all spans the one with most beyond what the rate lets in, and the burst that may come once. */
function mostBeyond(admitted: readonly number[], allowed: number): number {
  let [here, most] = [0, 0];
  for (const count of admitted) {
    here = Math.max(0, here + count - allowed);
    most = Math.max(most, here);
  }
  return Math.max(0, most - BURST);
}
