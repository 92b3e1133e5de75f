import { randomUUID } from "node:crypto";
import type { Bundle } from "../../policies/bundle/bundle.ts";
import { requireDeclared } from "../../policies/pack/pack-bundle.ts";
import type { PolicyExports, PolicyLogLine, Sandbox } from "../../sandbox/contract.ts";
import { createSandbox, type Grants } from "../../sandbox/index.ts";
import { ChainSession, type ChainSessionOptions } from "../chain/chain-session.ts";
import { noteSettled } from "../chain/noted-seats.ts";
import type { GatewayConfig } from "../config/index.ts";
import type { RecordedEvent } from "../recording/format.ts";
import { createTrialBroker, type TrialAsk } from "./trial-broker.ts";
import { callHook, type TrialCall, type TrialEffect } from "./trial-call.ts";
import { type TrialStep, trialStepOf } from "./trial-step.ts";

export interface TrialOptions {
  readonly bundles: readonly Bundle[];
  /** Which uses of them run, in the order of a route, and what is called. @param exported of each policy, once it is loaded */
  plan(exported: ReadonlyMap<string, PolicyExports>): TrialPlan;
  readonly route: ChainSessionOptions["config"];
  readonly sandbox: Pick<GatewayConfig["sandbox"], "limits" | "host">;
  /** Undefined: anything, for there is nobody who could have granted it. */
  readonly grants: Grants | undefined;
  /** What policies were told when it was recorded. */
  readonly events: readonly RecordedEvent[];
}

export interface TrialPlan extends Pick<ChainSessionOptions, "chain"> {
  readonly call: TrialCall;
}

/** What came of a trial. Its bytes are its own. */
export interface TrialResult {
  readonly call: TrialCall;
  readonly effect: TrialEffect;
  /** Each call of a hook, in their order. */
  readonly steps: readonly TrialStep[];
  readonly logs: readonly PolicyLogLine[];
  /** What policies asked for, which was not performed. */
  readonly asks: readonly TrialAsk[];
  /** Of all calls, without the loading. */
  readonly durationMs: number;
}

/** Longer than any hook may take, with its load. */
const MAX_TRIAL_MS = 30_000;
/** Of lines and asks that are kept. */
const MOST_LINES = 500;
/** A host that has just started runs code for the first time, and a person's machine is often busy. */
const SLOW_HOOK_MS = 500;

/**
 * Runs a hook outside of traffic, in a sandbox host that is there for it alone. Rejects with what the gateway would log of a policy that
 * cannot be loaded.
 */
export async function runTrial(options: TrialOptions): Promise<TrialResult> {
  const logs: PolicyLogLine[] = [];
  const asks: TrialAsk[] = [];
  const { limits, host } = options.sandbox;
  const sandbox = await createSandbox({
    limits: {
      ...limits,
      messageTimeoutMs: Math.max(limits.messageTimeoutMs, SLOW_HOOK_MS),
      upgradeTimeoutMs: Math.max(limits.upgradeTimeoutMs, SLOW_HOOK_MS),
    },
    host,
    warmSpare: false,
    broker: createTrialBroker(options, (ask) => {
      if (asks.length < MOST_LINES) asks.push(ask);
    }),
    onEvent(event) {
      if (event.type === "log" && logs.length < MOST_LINES) logs.push(event.line);
    },
  });
  const late = setTimeout(() => void sandbox.close(), MAX_TRIAL_MS);
  try {
    const plan = options.plan(await load(sandbox, options.bundles));
    return { ...(await run(sandbox, plan, options.route)), logs, asks };
  } finally {
    clearTimeout(late);
    await sandbox.close();
  }
}

async function load(
  sandbox: Sandbox,
  bundles: readonly Bundle[],
): Promise<ReadonlyMap<string, PolicyExports>> {
  const exported = new Map<string, PolicyExports>();
  // One after the other: which of several is told of first, when they fail, is the same each time.
  for (const bundle of bundles) {
    const prepared = await sandbox.prepare(bundle);
    requireDeclared(bundle, prepared.exports);
    prepared.commit();
    exported.set(bundle.name, prepared.exports);
  }
  return exported;
}

async function run(
  sandbox: Sandbox,
  { chain, call }: TrialPlan,
  route: TrialOptions["route"],
): Promise<Omit<TrialResult, "logs" | "asks">> {
  const steps: TrialStep[] = [];
  const startedAt = performance.now();
  let markedAt = startedAt;
  const noted = noteSettled(
    { exports: sandbox.exports.bind(sandbox), seat: sandbox.seat.bind(sandbox) },
    (settled) => {
      const now = performance.now();
      steps.push(trialStepOf(settled, now - markedAt));
      markedAt = now;
    },
  );
  const { context, attributes } = call;
  const session = new ChainSession({
    ...{ sandbox: noted, config: route, chain, id: randomUUID(), context, attributes },
  });
  const effect = await callHook(session, call);
  return { call, effect, steps, durationMs: performance.now() - startedAt };
}
