import { createRandom } from "./random.ts";

/** How clients come back. */
export interface Manner {
  readonly name: string;
  /** Seconds to wait before the n-th try, the first is 0. */
  wait(tries: number, random: () => number): number;
  /** Whether a refusal's Retry-After is heeded. */
  readonly heeds: boolean;
  /** Upgrades a second that a machine lets in; the rest gets 429 at a tenth of the cost. */
  readonly limit?: number;
}

export interface Storm {
  readonly name: string;
  /** Open again, as a share, in each tenth of a second. */
  readonly back: readonly number[];
  /** Seconds until 99 % are. */
  readonly seconds: number;
  /** Tries of each client. */
  readonly tries: number;
  /** Most tries in a second at a machine, for each that it can serve. */
  readonly peak: number;
}

export interface StormOptions {
  /** Clients that come to each machine that is left, beside those it has. */
  readonly clients: number;
  /** Upgrades a second that a machine can serve; who waits longer than `patience` seconds gives up and tries again. */
  readonly capacity: number;
  readonly patience: number;
}

export const manners: readonly Manner[] = [
  { name: "at once, each second", wait: (tries) => (tries === 0 ? 0 : 1), heeds: false },
  {
    name: "doubling, at random",
    wait: (tries, random) => random() * Math.min(60, 2 ** tries),
    heeds: false,
  },
  {
    name: "doubling, at random, and upgradeRate",
    wait: (tries, random) => random() * Math.min(60, 2 ** tries),
    heeds: true,
    limit: 0.8,
  },
  {
    name: "told by retry-after, over a minute",
    wait: (tries, random) => random() * (tries === 0 ? 60 : 5),
    heeds: true,
  },
];

const TENTHS = 3000;

interface Waiting {
  readonly client: number;
  readonly since: number;
}

/** One of many machines of a kind, after a zone has gone. The queue is what the kernel and the event loop hold. */
export function simulateStorm(manner: Manner, { clients, capacity, patience }: StormOptions): Storm {
  const random = createRandom(clients);
  const due: number[][] = Array.from({ length: TENTHS + 1 }, () => []);
  const tries = new Uint16Array(clients);
  const plan = (client: number, now: number, seconds: number): void => {
    const at = now + 1 + Math.floor(seconds * 10);
    if (at < TENTHS) (due[at] as number[]).push(client);
  };
  for (let client = 0; client < clients; client++) plan(client, -1, manner.wait(0, random));
  const limit = manner.limit === undefined ? Number.POSITIVE_INFINITY : manner.limit * capacity;
  const back: number[] = [];
  const came: number[] = [];
  let queue: Waiting[] = [];
  let [open, tokens, total] = [0, limit, 0];
  for (let now = 0; now < TENTHS && open < clients * 0.99; now++) {
    let work = capacity / 10;
    tokens = Math.min(limit, tokens + limit / 10);
    const arrived = due[now] as number[];
    came.push(arrived.length);
    for (const client of arrived) {
      total++;
      tries[client] = (tries[client] as number) + 1;
      if (tokens >= 1) {
        tokens--;
        queue.push({ client, since: now });
        continue;
      }
      work -= 0.1;
      plan(client, now, manner.heeds ? 1 + 4 * random() : manner.wait(tries[client] as number, random));
    }
    let served = 0;
    while (served < queue.length && work >= 1) {
      const { client, since } = queue[served++] as Waiting;
      work--;
      // Who has given up meanwhile has cost as much.
      if (now - since <= patience * 10) open++;
      else plan(client, now, manner.wait(tries[client] as number, random));
    }
    queue = queue.slice(served);
    back.push(open / clients);
  }
  const seconds = back.length / 10;
  return {
    ...{ name: manner.name, back, seconds },
    tries: total / clients,
    peak: Math.max(...came.map((_, index) => sumOf(came.slice(index, index + 10)))) / capacity,
  };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
