import type { GatewayEvent } from "../../events.ts";
import { quantileOf, quantileOfValues, sumCounted } from "../../metrics/quantile.ts";
import { type RouteTraffic, sumTraffic } from "../../metrics/route-traffic.ts";
import { latencyBounds } from "../../session/meters/message-meter.ts";
import type { TrafficStats } from "../../traffic/records.ts";
import type { WorkerPulse } from "../../workers/pulse.ts";
import type { Pulse } from "../api/api-schema.ts";

/** Takes the gateway's pulse each second and keeps the last ten minutes of it. */
export interface PulseMeter {
  observe(event: GatewayEvent): void;
  /** Oldest first. */
  readonly pulses: readonly Pulse[];
  /** @returns what ends it */
  follow(onPulse: (pulse: Pulse) => void): () => void;
  /** Take one now; the timer calls it. */
  beat(): Promise<void>;
  close(): void;
}

export interface PulseSource {
  traffic(): Promise<readonly RouteTraffic[]>;
  /** Since they were last asked: nobody else may ask. */
  pulses(): Promise<readonly WorkerPulse[]>;
  trafficStats(): TrafficStats;
}

const BEAT_MS = 1000;
const KEPT_PULSES = 600;
const RECENT_BEATS = 10;

export function createPulseMeter(source: PulseSource, now: () => number = Date.now): PulseMeter {
  const pulses: Pulse[] = [];
  const followers = new Set<(pulse: Pulse) => void>();
  let counts = noCounts();
  // What was recorded before is there already; traffic begins with the gateway.
  let before = sumUp([], source.trafficStats());
  /** What was timed in the last ten seconds: of one second there may be too few for percentiles. */
  let recent: readonly Timed[] = [];
  let isBeating = false;
  const timer = setInterval(() => void beat(), BEAT_MS).unref();

  async function beat(): Promise<void> {
    // A worker that is slow to answer is no reason to ask it again.
    if (isBeating) return;
    isBeating = true;
    try {
      const [traffic, workers] = await Promise.all([source.traffic(), source.pulses()]);
      const totals = sumUp(traffic, source.trafficStats());
      const timed = {
        upgradeMs: counts.upgradeMs,
        latencies: sumCounted(workers.map((each) => each.latencies)),
      };
      recent = [...recent, timed].slice(-RECENT_BEATS);
      const pulse = describe({ time: now(), before, after: totals, counts, workers, recent });
      before = totals;
      counts = noCounts();
      pulses.push(pulse);
      if (pulses.length > KEPT_PULSES) pulses.shift();
      for (const follower of followers) follower(pulse);
    } finally {
      isBeating = false;
    }
  }

  return {
    observe(event) {
      if (event.type === "session-start") counts.upgradeMs.push(event.durationMs);
      else if (event.type === "upgrade-refused") counts[isFailure(event) ? "failed" : "refused"]++;
      else if (event.type === "session-end") counts.closes++;
      else if (event.type === "policy-fault") counts.faults++;
    },
    pulses,
    follow(onPulse) {
      followers.add(onPulse);
      return () => followers.delete(onPulse);
    },
    beat,
    close: () => clearInterval(timer),
  };
}

interface Counts {
  readonly upgradeMs: number[];
  refused: number;
  failed: number;
  closes: number;
  faults: number;
}

function noCounts(): Counts {
  return { upgradeMs: [], refused: 0, failed: 0, closes: 0, faults: 0 };
}

/** What only grows, but for a worker that dies and takes its numbers along. */
interface Totals {
  readonly messages: Pulse["messages"];
  readonly bytes: Pulse["bytes"];
  readonly recorded: number;
  readonly dropped: number;
  readonly sessions: number;
}

function sumUp(traffic: readonly RouteTraffic[], stats: TrafficStats): Totals {
  const { sessions, messages, bytes } = sumTraffic(traffic);
  return { messages, bytes, sessions, recorded: stats.newestSeq, dropped: stats.dropped };
}

/** What one beat found, beside what the beat before had. */
interface Beat {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly before: Totals;
  readonly after: Totals;
  readonly counts: Counts;
  readonly workers: readonly WorkerPulse[];
  readonly recent: readonly Timed[];
}

/** What was timed in one beat. */
interface Timed {
  readonly upgradeMs: readonly number[];
  /** By the buckets of `latencyBounds`. */
  readonly latencies: readonly number[];
}

function describe({ time, before, after, counts, workers, recent }: Beat): Pulse {
  const { upgradeMs, refused, failed, closes, faults } = counts;
  const calls = sum(workers.map((worker) => worker.calls));
  return {
    time,
    sessions: after.sessions,
    upgrades: { accepted: upgradeMs.length, refused, failed },
    messages: grownBySide(after.messages, before.messages),
    bytes: grownBySide(after.bytes, before.bytes),
    faults,
    closes,
    upgradeMs: upgradePercentiles(recent),
    latencyMs: latencyPercentiles(recent),
    policyMs: calls === 0 ? 0 : sum(workers.map(({ policyUs }) => policyUs)) / calls / 1000,
    eventLoopMs: Math.max(0, ...workers.map(({ eventLoopP99Ms }) => eventLoopP99Ms)),
    bufferedBytes: sum(workers.map(({ bufferedBytes }) => bufferedBytes)),
    held: sum(workers.map(({ held }) => held)),
    recorded: grown(after.recorded, before.recorded),
    dropped: grown(after.dropped, before.dropped),
  };
}

function grown(after: number, before: number): number {
  return Math.max(0, after - before);
}

function grownBySide(after: Pulse["bytes"], before: Pulse["bytes"]): Pulse["bytes"] {
  return { client: grown(after.client, before.client), server: grown(after.server, before.server) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function upgradePercentiles(recent: readonly Timed[]): Pulse["upgradeMs"] {
  const all = recent.flatMap(({ upgradeMs }) => upgradeMs);
  return percentiles((share) => quantileOfValues(all, share));
}

function latencyPercentiles(recent: readonly Timed[]): Pulse["latencyMs"] {
  const counts = sumCounted(recent.map(({ latencies }) => latencies));
  const ms = (us: number | undefined) => us && us / 1000;
  return percentiles((share) => ms(quantileOf(counts, latencyBounds, share)));
}

function percentiles(at: (share: number) => number | undefined): Pulse["latencyMs"] {
  const [p50, p99] = [at(0.5), at(0.99)];
  return p50 === undefined || p99 === undefined ? null : { p50, p99 };
}

/** A policy that rejects means to, whatever it rejects with. */
function isFailure({ code, status }: UpgradeRefused): boolean {
  return status >= 500 && code !== "ERR_REJECTED";
}

type UpgradeRefused = Extract<GatewayEvent, { readonly type: "upgrade-refused" }>;
