import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import type { ConfigInput } from "../../core/index.ts";
import { bundlePolicy } from "../../policies/bundle/bundler.ts";
import { checkOptions } from "../../policies/use-options.ts";
import type { ConnectionContext } from "../../sandbox/contract.ts";
import { shareSandbox } from "../sandbox/shared-sandbox.ts";
import { type Fixture, type SandboxFixtureOptions, show, startSandbox } from "../sandbox/support.ts";
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
}

export interface StandardPolicy {
  readonly fixture: Fixture;
  /** @param options as in a config: the schema's defaults are filled in, and a misfit throws. */
  connect(options: object, request?: RequestOptions): TestConnection;
  /** What the schema says of options that do not fit; "none". */
  problemOf(options: object): string;
}

export function fileOf(name: string): string {
  return fileURLToPath(new URL(`../../policies/standard/${name}.ts`, import.meta.url));
}

/** On a busy machine a hook takes its time, above all one that asks for keys. */
const PATIENT = { messageTimeoutMs: 2000, upgradeTimeoutMs: 5000, asyncTimeoutMs: 20_000 };

let connections = 0;
const useSandbox = shareSandbox({ limits: PATIENT });

/**
 * A policy of the standard pack in a real sandbox.
 *
 * @param options Of a sandbox of its own. Without them it is one for all tests of the file.
 */
export async function startStandard(
  t: ExecutionContext,
  name: string,
  options?: SandboxFixtureOptions,
): Promise<StandardPolicy> {
  const fixture = await (options
    ? startSandbox(t, { ...options, limits: { ...PATIENT, ...options.limits } })
    : useSandbox());
  const prepared = await fixture.sandbox.prepare(await bundlePolicy({ name, file: fileOf(name) }));
  prepared.commit();
  const { optionsSchema } = prepared.exports;
  return {
    fixture,
    connect(given, request = {}) {
      const checked = checkOptions(optionsSchema, given as Readonly<Record<string, unknown>>);
      if ("problem" in checked) throw new Error(checked.problem);
      const context = contextOf(request);
      const type = { text: "application/json", binary: "application/json" };
      const id = `session-${++connections}`;
      const seat = fixture.sandbox.seat(
        { policy: name, route: "/chat", options: checked.options },
        id,
        context,
        { client: type, server: type },
      );
      let sequence = 0;
      const call = (hook: "upgrade" | "client" | "server", body: unknown) =>
        new Promise<unknown>((settle) => {
          const binary = body instanceof Uint8Array;
          const text = typeof body === "string" ? body : JSON.stringify(body);
          seat.submit({
            hook,
            payload: { binary, bytes: binary ? body : Buffer.from(text) },
            sequence: hook === "upgrade" ? 0 : ++sequence,
            time: Date.now(),
            settle: (outcome) => settle(show(outcome)),
          });
        });
      return {
        id,
        upgrade: () => call("upgrade", { id, ...context }),
        client: (body) => call("client", body),
        server: (body) => call("server", body),
      };
    },
    problemOf(given) {
      const checked = checkOptions(optionsSchema, given as Readonly<Record<string, unknown>>);
      return "problem" in checked ? checked.problem : "none";
    },
  };
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
