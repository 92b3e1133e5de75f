import type { Broker, PolicyAlert } from "../sandbox/contract/capabilities.ts";
import { createBroker, takeFromMemory } from "../sandbox/index.ts";
import { type FetchStub, fetcherOf } from "./fetch-stub.ts";
import { createTestKv, storeOf, type TestKv } from "./kv.ts";

/** What stands in for what a gateway would grant. */
export interface CapabilityStubs {
  /** `kv` of the policy: a stub, or false as if it were not granted. Default: one in memory. */
  readonly kv?: TestKv | false;
  /** False: as if `rates` were not granted. Default: buckets in memory, which fill by the clock of the test. */
  readonly rates?: false;
  /** Answers what the policy fetches, from any host. Default: `fetch` is not granted. */
  readonly fetch?: FetchStub;
  /** By name. Default: none. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** False: as if `alert` were not granted. */
  readonly alert?: false;
}

/** What a policy has raised. */
export type TestAlert = Pick<PolicyAlert, "name" | "details">;

/** The gateway's own broker, with stubs where it would reach out: what is not granted fails in the gateway's words. */
export function createTestBroker(
  policy: string,
  { kv, rates, fetch, secrets = {}, alert }: CapabilityStubs,
  now: () => number,
): { readonly broker: Broker; readonly kv: TestKv; readonly alerts: readonly TestAlert[] } {
  const store = kv || createTestKv(now);
  const grant = {
    ...(kv === false ? {} : { kv: {} }),
    ...(rates === false ? {} : { rates: {} }),
    ...(fetch && { fetch: ANY_HOST }),
    secrets: Object.keys(secrets),
    ...(alert !== false && { alert: true as const }),
  };
  const alerts: TestAlert[] = [];
  const broker = createBroker({
    grants: { [policy]: grant },
    secrets,
    kv: storeOf(store),
    takeRate: takeFromMemory(now),
    fetcher: fetcherOf(fetch ?? (() => ({}))),
    alert: ({ name, details }) => alerts.push({ name, details }),
  });
  return { broker, kv: store, alerts };
}

/** The stub sees each request, and can refuse it itself. */
const ANY_HOST = {
  hosts: ["*:*"],
  methods: ["*"],
  maxRequestBytes: Infinity,
  maxResponseBytes: Infinity,
  timeoutMs: 60_000,
  private: true,
};
