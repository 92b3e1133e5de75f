import { setImmediate as nextTurn } from "node:timers/promises";
import { createFleetRates } from "../../core/fleet/rates/fleet-rates.ts";
import { RateLeases } from "../../core/leases/rate-leases.ts";
import { type Claim, type Lease, RateBook, type RateKey } from "../../sandbox/index.ts";

export interface SimulatedFleetOptions {
  readonly nodes: number;
  /** To Redis and back. */
  readonly roundTripMs: number;
  readonly of: RateKey;
}

/** The gateway's own leases of many machines, on a clock that is moved by hand, and a book with the rules of the script in Redis. */
export interface SimulatedFleet {
  /** Questions that Redis has been asked so far. */
  readonly asked: number;
  /** Let in so far. */
  readonly admitted: number;
  /** From now on Redis answers nothing, or answers again; it has forgotten what it had. */
  lose(isLost: boolean): void;
  /** A millisecond, in which so many come to each of these nodes. */
  pass(arrivals: readonly (readonly [node: number, count: number])[]): Promise<void>;
}

export function createSimulatedFleet({ nodes, roundTripMs, of }: SimulatedFleetOptions): SimulatedFleet {
  let now = 0;
  const read = (): number => now;
  let redis = new RateBook(read);
  let isLost = false;
  let asked = 0;
  let admitted = 0;
  /** Answers on their way, by the moment when they are there. */
  const answers = new Map<number, (() => void)[]>();

  function later(answer: () => void): void {
    const at = now + roundTripMs;
    const due = answers.get(at);
    if (due === undefined) answers.set(at, [answer]);
    else due.push(answer);
  }

  async function ask(claims: readonly Claim[]): Promise<readonly Lease[]> {
    asked += claims.length;
    const leases = claims.map((claim) => redis.lease(claim));
    await new Promise<void>(later);
    return leases;
  }

  const store = { key: (tag: string) => tag, script: () => Promise.reject(new Error("Redis is lost")) };
  const machines = Array.from({ length: nodes }, () => {
    const alone = createFleetRates({ store, nodes: () => nodes, onLost() {}, onBack() {}, read });
    return new RateLeases((claims) => (isLost ? alone.ask(claims) : ask(claims)), read);
  });

  function count({ granted }: { readonly granted: number }): void {
    admitted += granted;
  }

  return {
    get asked() {
      return asked;
    },
    get admitted() {
      return admitted;
    },
    lose(value) {
      if (value === isLost) return;
      isLost = value;
      redis = new RateBook(read);
    },
    async pass(arrivals) {
      now++;
      for (const answer of answers.get(now) ?? []) answer();
      answers.delete(now);
      for (const [node, times] of arrivals) {
        const machine = machines[node] as RateLeases;
        for (let i = 0; i < times; i++) {
          const lease = machine.take(of, true);
          if (lease instanceof Promise) void lease.then(count);
          else count(lease);
        }
      }
      if (now % 10 === 0) for (const machine of machines) machine.lapse();
      // Questions leave in the next turn.
      await nextTurn();
      await nextTurn();
    },
  };
}
