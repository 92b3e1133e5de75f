import type { ProcessKind } from "../lib/processes.ts";

/** What befalls a process: SIGKILL; SIGSTOP and after a while SIGCONT; SIGSTOP for good. */
export type Blow = "kill" | "pause" | "stop";

export interface Fault {
  readonly target: Exclude<ProcessKind, "supervisor">;
  readonly blow: Blow;
}

/** Twenty: mostly hosts, a worker now and then, and each of the rest. */
const DECK: readonly (readonly [number, Fault])[] = [
  [9, { target: "host", blow: "kill" }],
  [2, { target: "host", blow: "pause" }],
  [2, { target: "host", blow: "stop" }],
  [1, { target: "worker", blow: "kill" }],
  [1, { target: "worker", blow: "pause" }],
  [1, { target: "worker", blow: "stop" }],
  [2, { target: "probe", blow: "kill" }],
  [2, { target: "esbuild", blow: "kill" }],
];

/** So many faults in an order that follows from the seed. */
export function dealFaults(count: number, random: () => number): readonly Fault[] {
  const dealt: Fault[] = [];
  while (dealt.length < count) dealt.push(...shuffle(random));
  return dealt.slice(0, count);
}

function shuffle(random: () => number): Fault[] {
  const left = DECK.flatMap(([times, fault]) => Array<Fault>(times).fill(fault));
  const dealt: Fault[] = [];
  while (left.length > 0) dealt.push(...left.splice(Math.floor(random() * left.length), 1));
  return dealt;
}

/** Numbers from 0 to below 1 that follow from the seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
