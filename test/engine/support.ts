import type { ExecutionContext } from "ava";
import { type ConfigInput, type RouteInput, resolveConfig } from "../../core/config/index.ts";
import type { Engine } from "../../core/engine/contract.ts";
import { createEngine } from "../../core/engine/engine.ts";
import type { EnginePlan } from "../../core/engine/engine-plan.ts";
import type { GatewayEvent } from "../../core/events.ts";
import { OwnPlaces } from "../../core/leases/caps/own-places.ts";
import { openDoor } from "../../core/listen/door.ts";
import { createDoors } from "../../core/listen/doors.ts";
import { planListeners } from "../../core/listen/listener-planning.ts";
import { createMemoryKv, createSandbox } from "../../sandbox/index.ts";
import { planTable } from "../routes/plan.ts";
import { bundlePolicy } from "../sandbox/support.ts";

export interface TestEngine {
  readonly engine: Engine;
  /** ws://127.0.0.1:PORT */
  readonly url: string;
  readonly events: readonly GatewayEvent[];
  /** Policies that the sandbox was told to drop. */
  readonly removed: readonly string[];
}

/** An engine as a worker has it, listening on a free port; stopped with the test. */
export async function startEngine(t: ExecutionContext, more: ConfigInput = {}): Promise<TestEngine> {
  const input = { ...more, listen: [{ port: 0 }], sandbox: { warmSpare: false } };
  const config = resolveConfig(input, { dir: "/" });
  const events: GatewayEvent[] = [];
  const kv = createMemoryKv();
  const removed: string[] = [];
  const engine = await createEngine({
    config,
    kv,
    askRates: async () => [],
    places: new OwnPlaces(),
    emit: (event) => events.push(event),
    batches: { take: () => true, spare: () => undefined, suit() {} },
    async newSandbox(options) {
      const sandbox = await createSandbox(options);
      const remove = (policy: string): void => {
        removed.push(policy);
        sandbox.remove(policy);
      };
      return Object.create(sandbox, { remove: { value: remove } }) as typeof sandbox;
    },
  });
  let stopped: Promise<void> | undefined;
  const stoppable: Engine = {
    ...engine,
    stop(drain) {
      stopped ??= engine.stop(drain);
      return stopped;
    },
  };
  t.teardown(async () => {
    await stoppable.stop({ code: 1001, spreadMs: 0, timeoutMs: 1 });
    await kv.close();
  });
  const listeners = await planListeners(config.listen);
  const doors = createDoors((key, config) => openDoor(config, (socket) => engine.take(key, socket), false));
  t.teardown(() => doors.close());
  engine.listen(listeners, []);
  const addresses = await doors.apply(listeners);
  const [address] = addresses;
  engine.listen(listeners, addresses);
  return { engine: stoppable, url: `ws://127.0.0.1:${address?.port}`, events, removed };
}

/** @param policies name → TypeScript; what changed since the plan before */
export async function planOf(
  routes: readonly RouteInput[],
  policies: Readonly<Record<string, string>> = {},
): Promise<EnginePlan> {
  const config = resolveConfig({ routes }, { dir: "/" });
  const named = routes.flatMap((route) => (Array.isArray(route.policies) ? route.policies : []));
  const known = named.map((name: string) => ({ name, file: `/p/${name}.ts` }));
  return {
    routes: planTable(config, known).routes,
    bundles: await Promise.all(Object.entries(policies).map(([name, source]) => bundlePolicy(name, source))),
    upstreams: config.upstreams,
    canaries: [],
    groups: [],
    quarantine: [],
    capabilities: { grants: {}, secrets: {} },
    traffic: config.traffic,
  };
}
