import { requireDeclared } from "../policies/pack/pack-bundle.ts";
import {
  type ConnectionHost,
  type ConnectionOptions,
  openPolicyConnection,
  type PolicyConnection,
} from "../runtime/connection.ts";
import { type GivenOptions, requireOptions } from "../runtime/options.ts";
import { PolicyError } from "../runtime/policy-error.ts";
import { bundleNamed } from "../runtime/policy-source.ts";
import type { PolicyFault } from "../sandbox/contract/faults.ts";
import type { HookName } from "../sandbox/contract/hooks.ts";
import type { PolicyLimits } from "../sandbox/contract/limits.ts";
import type { Outcome } from "../sandbox/contract/verdicts.ts";
import { type CapabilityStubs, createTestBroker, type TestAlert } from "./capabilities.ts";
import type { Clock } from "./clock.ts";
import { keepAlive } from "./keep-alive.ts";
import type { TestKv } from "./kv.ts";
import { createTestbeds, type Testbed } from "./testbed.ts";

export interface LoadOptions extends CapabilityStubs {
  /** What a route would give the policy: checked against its `optionsSchema`, whose defaults are filled in. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The policies folder that packs were added to: a path, or a file URL. Default: `policies` in the working directory. */
  readonly policies?: string | URL;
  /** What the clock says at first: a Date, a text of one, or milliseconds since 1970. Default: the time of the load. */
  readonly now?: Date | string | number;
  /** MIME type of all messages. Default: `application/json`. */
  readonly contentType?: string;
  /** Limits in place of the defaults: see the table in docs/policies.md. */
  readonly limits?: Partial<PolicyLimits>;
}

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
}

/** A policy in a sandbox, loaded anew: nothing of other tests is in its variables. */
export interface TestPolicy
  extends Omit<PolicyConnection, "id" | "dispose" | typeof Symbol.dispose>,
    AsyncDisposable {
  readonly name: string;
  /** The hooks it exports. */
  readonly hooks: readonly HookName[];
  /** The route it brings, if it does. */
  readonly route: unknown;
  /** What it logged so far, with `log` or `console`. */
  readonly logs: readonly LogLine[];
  readonly clock: Clock;
  /** What the policy keeps in `kv`: to be read, and to be seeded. */
  readonly kv: TestKv;
  /** What the policy has raised with `alert`, the oldest first. */
  readonly alerts: readonly TestAlert[];
  /** A connection of several calls. The policy's own `upgrade`, `client`, `server` and so on make a new one each. */
  connection(options?: ConnectionOptions): PolicyConnection;
  /** Unload it. Not a must: nothing of it outlives the process. */
  dispose(): Promise<void>;
}

/** One sandbox host is shared by all that a process tests; starting it takes longer than all the rest. */
const testbedFor = createTestbeds();

/**
 * Load a policy as the gateway would: bundle it, and run it in the sandbox. Rejects with what the gateway would log.
 *
 * @param policy a path, relative to the working directory, a file URL, or the name of a policy of a pack
 */
export function loadPolicy(policy: string | URL, options: LoadOptions = {}): Promise<TestPolicy> {
  return keepAlive(loadTested(policy, options).then(({ tested }) => tested));
}

/** With what a chain needs of it. */
export interface TestedPolicy {
  readonly tested: TestPolicy;
  readonly bed: Testbed;
  readonly nameInHost: string;
  /** What a route would give it, with the defaults of its schema. */
  readonly given: GivenOptions;
}

export async function loadTested(policy: string | URL, options: LoadOptions): Promise<TestedPolicy> {
  const [bed, bundle] = await Promise.all([
    testbedFor(options.limits),
    bundleNamed(policy, options.policies),
  ]);
  const { name } = bundle;
  const nameInHost = bed.nameFor(name);
  const clock = bed.clocks.open(nameInHost, startOf(options.now));
  const { broker, kv, alerts } = createTestBroker(name, options, () => clock.now);
  bed.onAsk(nameInHost, name, broker);
  const logs: LogLine[] = [];
  bed.onLog(nameInHost, ({ level, text }) => logs.push({ level, text }));
  const prepared = await bed.sandbox.prepare({ ...bundle, name: nameInHost });
  const { hooks, route, optionsSchema } = prepared.exports;
  let given: GivenOptions;
  try {
    requireDeclared(bundle, prepared.exports);
    given = requireOptions(name, optionsSchema, options.options);
  } catch (error) {
    prepared.discard();
    throw error;
  }
  prepared.commit();
  const host = hostOf(bed, nameInHost, { ...options, options: given }, clock);
  const connection = (of?: ConnectionOptions) => openPolicyConnection(host, of);
  const dispose = async () => bed.forget(nameInHost);
  const tested: TestPolicy = {
    name,
    hooks,
    route,
    logs,
    clock,
    kv,
    alerts,
    connection,
    upgrade: (request) => connection().upgrade(request),
    unavailable: (failure) => connection().unavailable(failure),
    client: (body) => connection().client(body),
    server: (body) => connection().server(body),
    tick: (due) => connection().tick(due),
    renew: (cause) => connection().renew(cause),
    close: (end) => connection().close(end),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
  return { tested, bed, nameInHost, given };
}

function hostOf(bed: Testbed, policy: string, options: LoadOptions, clock: Clock): ConnectionHost {
  return {
    contentType: options.contentType ?? "application/json",
    now: () => clock.now,
    seat: (id, context, types) =>
      bed.sandbox.seat(
        { policy, route: "test", options: options.options ?? {} },
        id,
        JSON.stringify(context),
        types,
      ),
    call: (seat, hook, payload, sequence) =>
      keepAlive(
        new Promise((resolve, reject) => {
          const settle = (outcome: Outcome) =>
            outcome.kind === "fault" ? reject(errorOf({ ...outcome.fault, policy })) : resolve(outcome);
          seat.submit({ hook, payload, sequence, time: clock.now, settle });
        }),
      ),
  };
}

/** @param fault of a policy by its name in the host */
export function errorOf(fault: PolicyFault): PolicyError {
  const isStuck = fault.reason === "timeout" && fault.message.includes("still pending");
  const hint =
    " Does it wait for a timer? The clock of a test stands still: `policy.clock.advance(ms)` moves it.";
  return new PolicyError({ ...fault, policy: shownName(fault.policy) }, isStuck ? hint : "");
}

/** Without the number that tells two loads of one policy apart in their host. */
export function shownName(nameInHost: string): string {
  return nameInHost.replace(/#\d+$/, "");
}

/** Throws a RangeError for what is no time. */
export function startOf(now: LoadOptions["now"] = Date.now()): number {
  const start = new Date(now).getTime();
  if (Number.isNaN(start)) throw new RangeError(`Expected \`now\` to be a time, got "${now}".`);
  return start;
}
