import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ExecutionContext } from "ava";
import { build } from "esbuild";
import type { Broker } from "../../sandbox/contract/capabilities.ts";
import type { PolicyFault } from "../../sandbox/contract/faults.ts";
import type { HookName, Payload } from "../../sandbox/contract/hooks.ts";
import type { HostLimits, PolicyLimits } from "../../sandbox/contract/limits.ts";
import type { Aside, Initiative, Outcome, Renewal } from "../../sandbox/contract/verdicts.ts";
import type {
  ConnectionContext,
  ContentTypes,
  PinnedPolicies,
  PolicyBundle,
  Sandbox,
  SandboxEvent,
  Seat,
} from "../../sandbox/contract.ts";
import {
  createSandbox,
  DEFAULT_HOST_LIMITS,
  DEFAULT_POLICY_LIMITS,
  WORKER_GROUP,
} from "../../sandbox/index.ts";
import { transportOf } from "./transports.ts";

/** Bundle a policy that exists only as text. */
export async function bundlePolicy(name: string, source: string): Promise<PolicyBundle> {
  const file = `/policies/${name}.ts`;
  const result = await build({
    stdin: { contents: source, sourcefile: `${name}.ts`, loader: "ts", resolveDir: "/" },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "__policy",
    target: "es2024",
    sourcemap: "external",
    absWorkingDir: "/",
    outfile: `${name}.js`,
    logLevel: "silent",
  });
  const code = result.outputFiles.find((one) => one.path.endsWith(".js"))?.text ?? "";
  const sourceMap = result.outputFiles.find((one) => one.path.endsWith(".map"))?.text ?? "";
  const version = createHash("sha256").update(code).digest("hex").slice(0, 12);
  return { name, file, version, code, sourceMap };
}

export interface Fixture {
  readonly sandbox: Sandbox;
  readonly events: SandboxEvent[];
  /** Resolves with the first event, past or to come, that fits. */
  event<T extends SandboxEvent["type"]>(
    type: T,
    fits?: (event: Extract<SandboxEvent, { type: T }>) => boolean,
  ): Promise<Extract<SandboxEvent, { type: T }>>;
  /** Load a policy and make it current. */
  use(name: string, source: string): Promise<PolicyBundle>;
  seat(policy: string, options?: SeatOptions): Connection;
  /** A seat in the version that is the newest now. */
  pinnedSeat(policy: string): Connection & { readonly pin: PinnedPolicies };
}

export interface SeatOptions {
  readonly id?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly contentType?: string | ContentTypes;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface Connection {
  readonly seat: Seat;
  call(hook: HookName, body: string | Uint8Array): Promise<Outcome>;
  client(body: unknown): Promise<Outcome>;
}

export interface SandboxFixtureOptions {
  readonly limits?: Partial<PolicyLimits>;
  readonly host?: Partial<HostLimits>;
  readonly warmSpare?: boolean;
  readonly broker?: Broker;
  readonly hostMain?: string;
}

/**
 * On a busy machine the engine may stop a loop so late that with the default it is taken for one that it cannot stop. What
 * walls hosts in takes a process more for each, and has tests of its own.
 */
const PATIENT_HOST = { silenceMs: 10_000, os: "off" } as const;

/** A sandbox with real isolates, in a host process or in this one as the test's transport has it; closed when the test ends. */
export async function startSandbox(
  t: Pick<ExecutionContext, "teardown">,
  options: SandboxFixtureOptions = {},
): Promise<Fixture> {
  const events: SandboxEvent[] = [];
  const listeners = new Set<(event: SandboxEvent) => void>();
  const opened = await createSandbox({
    holdsIsolates: transportOf() === "worker",
    // On a busy machine the defaults of 50 ms and 1 s now and then cost an isolate, which nobody notices but a test that counts.
    limits: { ...DEFAULT_POLICY_LIMITS, messageTimeoutMs: 500, loadTimeoutMs: 5000, ...options.limits },
    host: { ...DEFAULT_HOST_LIMITS, ...PATIENT_HOST, ...options.host },
    warmSpare: options.warmSpare ?? false,
    ...(options.broker && { broker: options.broker }),
    ...(options.hostMain !== undefined && { hostMain: options.hostMain }),
    onEvent(event) {
      events.push(event);

      for (const listener of listeners) listener(event);
    },
  });
  t.teardown(() => opened.close());
  const sandbox = transportOf() === "worker" ? holdAll(opened) : opened;
  return {
    sandbox,
    events,
    event(type, fits = () => true) {
      const { promise, resolve } = Promise.withResolvers<never>();
      const listener = (event: SandboxEvent) => {
        if (event.type !== type || !fits(event as never)) return;
        listeners.delete(listener);
        resolve(event as never);
      };
      listeners.add(listener);
      for (const event of events) listener(event);
      return promise;
    },
    async use(name, source) {
      const bundle = await bundlePolicy(name, source);
      (await sandbox.prepare(bundle)).commit();
      return bundle;
    },
    seat: (policy, seatOptions) => connect(sandbox, policy, seatOptions),
    pinnedSeat(policy) {
      const pin = sandbox.pin([policy]);
      return { ...connect(pin, policy), pin };
    },
  };
}

/** Whatever is loaded is loaded into this process, unless it is in quarantine. */
function holdAll(sandbox: Sandbox): Sandbox {
  const groups = new Map<string, string>();
  return Object.create(sandbox, {
    prepare: {
      value(bundle: PolicyBundle) {
        sandbox.isolate(groups.set(bundle.name, WORKER_GROUP));
        return sandbox.prepare(bundle);
      },
    },
  });
}

let lastId = 0;

function connect(sandbox: Pick<Sandbox, "seat">, policy: string, options: SeatOptions = {}): Connection {
  const { id = `session-${++lastId}`, contentType = "application/json", attributes = {} } = options;
  const context: ConnectionContext = {
    request: {
      method: "GET",
      url: "/chat?room=1",
      path: "/chat",
      params: {},
      query: { room: "1" },
      queryAll: { room: ["1"] },
      headers: [
        ["Host", "gateway"],
        ["X-Tag", "a"],
        ["x-tag", "b"],
      ],
    },
    client: { address: "127.0.0.1", port: 4000, tls: false, certificate: null },
    route: { path: "/chat" },
    attributes,
    subprotocol: "",
    server: { url: "ws://127.0.0.1:9000/" },
  };
  const seat = sandbox.seat(
    { policy, route: "/chat", options: options.options ?? {} },
    id,
    JSON.stringify(context),
    typeof contentType === "string" ? sameTypes(contentType) : contentType,
  );
  const sequences: Record<string, number> = {};
  const call = (hook: HookName, body: string | Uint8Array) => {
    sequences[hook] = (sequences[hook] ?? 0) + 1;
    return new Promise<Outcome>((settle) => {
      const binary = typeof body !== "string";
      const bytes = binary ? body : Buffer.from(body);
      seat.submit({
        hook,
        payload: { binary, bytes },
        sequence: sequences[hook] as number,
        time: Date.now(),
        settle,
      });
    });
  };
  return {
    seat,
    call,
    client: (body) => call("client", typeof body === "string" ? body : JSON.stringify(body)),
  };
}

/** What the sender of a message would see, in one value: easy to compare. */
export function show(outcome: Outcome): unknown {
  switch (outcome.kind) {
    case "unchanged":
    case "skipped":
      return outcome.kind;
    case "fault":
      return `${outcome.fault.reason}: ${outcome.fault.message}`;
    case "upgrade":
    case "unavailable":
      return outcome.verdict;
    case "message": {
      return {
        ...(outcome.body ? { body: showBody(outcome.body) } : {}),
        ...(outcome.drop ? { drop: true } : {}),
        ...(outcome.reply.length > 0 ? { reply: outcome.reply.map(showBody) } : {}),
        ...(outcome.append.length > 0 ? { append: outcome.append.map(showBody) } : {}),
        ...(outcome.close ? { close: outcome.close } : {}),
        ...(outcome.held ? { held: outcome.held } : {}),
        ...(outcome.aside ? { aside: showAside(outcome.aside) } : {}),
      };
    }
    case "tick":
    case "renew":
      return showInitiative(outcome);
  }
}

function showInitiative({
  kind,
  toClient,
  toServer,
  ...rest
}: Initiative & { readonly kind?: string; readonly renewal?: Renewal }): object {
  return {
    ...rest,
    ...(toClient.length > 0 ? { toClient: toClient.map(showBody) } : {}),
    ...(toServer.length > 0 ? { toServer: toServer.map(showBody) } : {}),
    ...(rest.renewal ? { renewal: showInitiative(rest.renewal) } : {}),
  };
}

function showAside({ renewal, ...rest }: Aside): object {
  return { ...rest, ...(renewal ? { renewal: showInitiative(renewal) } : {}) };
}

function showBody({ binary, bytes }: Payload): string | number[] {
  return binary ? [...bytes] : Buffer.from(bytes).toString();
}

export function faultOf(outcome: Outcome): PolicyFault {
  if (outcome.kind !== "fault") throw new Error(`expected a fault, got ${JSON.stringify(show(outcome))}`);
  return outcome.fault;
}

/** The text of a new body, parsed. */
export function bodyOf(outcome: Outcome): unknown {
  if (outcome.kind !== "message" || !outcome.body)
    throw new Error(`expected a body, got ${JSON.stringify(show(outcome))}`);
  return JSON.parse(Buffer.from(outcome.body.bytes).toString());
}

/** Run an expression inside a policy and give its JSON. */
export async function evaluate(t: ExecutionContext, fixture: Fixture, expression: string): Promise<unknown> {
  const name = `evaluate-${++lastId}`;
  await fixture.use(
    name,
    `export const client = async () => ({ content: { body: { value: await (${expression}) } } });`,
  );
  const outcome = await fixture.seat(name).client({});
  if (outcome.kind === "fault") t.log(outcome.fault.message);
  return (bodyOf(outcome) as { value: unknown }).value;
}

/** The pids of this process's sandbox hosts, oldest first. */
export function findHosts(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean);
  const isHost = (pid: string) =>
    /\/sandbox\/[^/]+\/main\.\w+/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  return children.filter(isHost).map(Number);
}

/** One type for all messages. */
export function sameTypes(type: string): ContentTypes {
  const both = { text: type, binary: type };
  return { client: both, server: both };
}

/** The message of a fault without the author's place behind it. */
export function withoutPlace(message: string): string {
  return message.replace(/ \([\w-]+\.ts:\d+:\d+\)$/, "");
}
