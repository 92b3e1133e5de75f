import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import type { ConfigInput } from "../../core/index.ts";
import { bundlePolicy } from "../../policies/bundle/bundler.ts";
import type { CheckedOptions } from "../../policies/options/checked-options.ts";
import { checkOptions } from "../../policies/use-options.ts";
import type { Broker } from "../../sandbox/contract/capabilities.ts";
import type { ConnectionContext, PolicyBundle, PreparedPolicy } from "../../sandbox/contract.ts";
import { shareSandbox } from "../sandbox/shared-sandbox.ts";
import { type Fixture, show } from "../sandbox/support.ts";
import { type PolicySetup, type PolicySetupOptions, startPolicies } from "../support/policies.ts";
import { type SharedOptions, type SharedSetup, sharePolicies } from "../support/shared-policies.ts";

export interface RequestOptions {
  /** Path and query. */
  readonly url?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly client?: Partial<ConnectionContext["client"]>;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** One connection; each answer as `show` has it. */
export interface TestConnection {
  readonly id: string;
  upgrade(): Promise<unknown>;
  client(body: unknown): Promise<unknown>;
  server(body: unknown): Promise<unknown>;
  /** On request. @param time milliseconds since 1970 */
  renew(time: number): Promise<unknown>;
}

export interface StandardPolicy {
  readonly fixture: Fixture;
  /** @param options as in a config: the schema's defaults are filled in, and a misfit throws. */
  connect(options: object, request?: RequestOptions): TestConnection;
  /** What the schema says of options that do not fit; "none". */
  problemOf(options: object): string;
}

/** @param name of the standard pack, or with the folder of another that comes with the gateway: `xml/limits` */
export function fileOf(name: string): string {
  const path = name.includes("/") ? name : `standard/${name}`;
  return fileURLToPath(new URL(`../../policies/${path}.ts`, import.meta.url));
}

/** On a busy machine a hook takes its time, above all one that asks for keys. */
const PATIENT = { messageTimeoutMs: 2000, upgradeTimeoutMs: 5000, asyncTimeoutMs: 20_000 };

let connections = 0;

/** Of the tests of a file that want the same broker: a sandbox, and in it each policy once. */
interface SharedStandard {
  readonly useSandbox: () => Promise<Fixture>;
  readonly policies: Map<string, Promise<LoadedStandard>>;
}

interface LoadedStandard {
  readonly exports: PreparedPolicy["exports"];
  /** What is found of options is found once: a schema is compiled anew for each check. */
  readonly checked: Map<string, CheckedOptions>;
}

const shared = new Map<Broker | undefined, SharedStandard>();
const bundles = new Map<string, Promise<PolicyBundle>>();

/**
 * A policy of the gateway's own packs in a real sandbox, which the tests of a file share that want the same broker.
 *
 * @param broker Default: one that has granted nothing.
 */
export async function startStandard(name: string, broker?: Broker): Promise<StandardPolicy> {
  const { useSandbox, policies } = keep(shared, broker, () => ({
    useSandbox: shareSandbox({ limits: PATIENT, ...(broker && { broker }) }),
    policies: new Map(),
  }));
  const fixture = await useSandbox();
  const { exports, checked } = await keep(policies, name, () => load(fixture, name));
  const check = (given: object): CheckedOptions =>
    keep(checked, JSON.stringify(given), () =>
      checkOptions(exports.optionsSchema, given as Readonly<Record<string, unknown>>),
    );
  return {
    fixture,
    connect(given, request = {}) {
      const checked = check(given);
      if ("problem" in checked) throw new Error(checked.problem);
      const context = contextOf(request);
      const type = { text: "application/json", binary: "application/json" };
      const id = `session-${++connections}`;
      const seat = fixture.sandbox.seat(
        { policy: name, route: "/chat", options: checked.options },
        id,
        JSON.stringify(context),
        { client: type, server: type },
      );
      let sequence = 0;
      const call = (hook: "upgrade" | "client" | "server" | "renew", body: unknown) =>
        new Promise<unknown>((settle) => {
          const binary = body instanceof Uint8Array;
          const text = typeof body === "string" ? body : JSON.stringify(body);
          seat.submit({
            hook,
            payload: { binary, bytes: binary ? body : Buffer.from(text) },
            sequence: hook === "upgrade" || hook === "renew" ? 0 : ++sequence,
            time: Date.now(),
            settle: (outcome) => settle(show(outcome)),
          });
        });
      return {
        id,
        upgrade: () => call("upgrade", { id, ...context }),
        client: (body) => call("client", body),
        server: (body) => call("server", body),
        renew: (time) => call("renew", { reason: "request", data: null, time }),
      };
    },
    problemOf(given) {
      const checked = check(given);
      return "problem" in checked ? checked.problem : "none";
    },
  };
}

async function load({ sandbox }: Fixture, name: string): Promise<LoadedStandard> {
  const bundle = await keep(bundles, name, () => bundlePolicy({ name, file: fileOf(name) }));
  const { exports, commit } = await sandbox.prepare(bundle);
  commit();
  return { exports, checked: new Map() };
}

function keep<Key, Value>(kept: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = kept.get(key) ?? make();
  kept.set(key, value);
  return value;
}

function contextOf({
  url = "/chat",
  params = {},
  headers = [],
  client,
  attributes = {},
}: RequestOptions): ConnectionContext {
  const { pathname, searchParams } = new URL(url, "http://gateway.test");
  const names = [...new Set(searchParams.keys())];
  return {
    request: {
      method: "GET",
      url,
      path: pathname,
      params,
      query: Object.fromEntries(names.map((name) => [name, searchParams.get(name) ?? ""])),
      queryAll: Object.fromEntries(names.map((name) => [name, searchParams.getAll(name)])),
      headers,
    },
    client: { address: "127.0.0.1", port: 4000, tls: false, certificate: null, ...client },
    route: { path: "/chat" },
    attributes,
    subprotocol: "",
    server: { url: "ws://127.0.0.1:9000/" },
  };
}

type Chain = readonly (readonly [name: string, options?: Readonly<Record<string, unknown>>])[];

/** A gateway with one route whose chain is these policies of the standard pack, before an echo. */
export function startChain(
  t: ExecutionContext,
  chain: Chain,
  { route = {}, ...setup }: PolicySetupOptions = {},
  config: Partial<ConfigInput> = {},
): Promise<PolicySetup> {
  return startPolicies(t, filesOf(chain), { ...setup, config, route: { policies: usesOf(chain), ...route } });
}

/** Starts chains as `startChain` does, for the tests of a file together: on one gateway. */
export function shareChains() {
  const start = sharePolicies();
  return (
    t: ExecutionContext,
    chain: Chain,
    { route = {}, ...setup }: SharedOptions = {},
  ): Promise<SharedSetup> =>
    start(t, filesOf(chain), { ...setup, route: { policies: usesOf(chain), ...route } });
}

function filesOf(chain: Chain): Readonly<Record<string, string>> {
  const sourceOf = (name: string) => `export * from ${JSON.stringify(fileOf(name))};`;
  return Object.fromEntries(chain.map(([name]) => [`${name}.ts`, sourceOf(name)]));
}

function usesOf(chain: Chain) {
  return chain.map(([use, options = {}]) => ({ use, options }));
}
