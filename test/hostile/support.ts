import { isDeepStrictEqual } from "node:util";
import type { ExecutionContext } from "ava";
import type { PolicyFault } from "../../sandbox/contract/faults.ts";
import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import type { SandboxEvent } from "../../sandbox/contract.ts";
import { shareSandbox } from "../sandbox/shared-sandbox.ts";
import { type Fixture, faultOf, type SandboxFixtureOptions, show } from "../sandbox/support.ts";
import { type Transport, transportOf } from "../sandbox/transports.ts";

export interface Attack extends SandboxFixtureOptions {
  /** Statements of an async or plain `client` hook, run for one message among many. */
  readonly code: string;
  readonly isAsync?: boolean;
  /** Top-level statements of the policy. */
  readonly setUp?: string;
  /** Of the policy; one that no other attack has, if none is given. */
  readonly policy?: string;
}

/**
 * Sends one message that attacks, between innocent ones of the same connection, of another connection of the same
 * policy, and of another policy. All innocent messages must come back as they would without the attack.
 *
 * The attacks of a file that want the same sandbox share it: they have to be serial.
 */
export async function attack(
  t: ExecutionContext,
  options: Attack,
): Promise<{ fault: PolicyFault; fixture: Fixture }> {
  const { outcome, fixture } = await attempt(t, options);
  return { fault: faultOf(outcome), fixture };
}

/** The same, for an attack that may also end well. */
export async function attempt(
  t: ExecutionContext,
  { code, isAsync = false, setUp = "", policy: name, ...options }: Attack,
): Promise<{ outcome: Outcome; fixture: Fixture }> {
  // Longer than the default, so that the innocent keep clear of it on a busy machine.
  const limits = { messageTimeoutMs: 500, ...options.limits };
  const shared = findSandbox({ ...options, limits, host: { os: "auto", ...options.host } });
  if (shared.attackedBy !== undefined && shared.attackedBy !== t)
    throw new Error("two tests attack one sandbox at once: expected test.serial");
  shared.attackedBy = t;
  t.teardown(() => {
    shared.attackedBy = undefined;
  });
  const policy = name ?? `attacker-${shared.attackers.length}`;
  const fixture = asIfFirst(await shared.fixture, shared.attackers);
  shared.attackers.push(policy);
  await fixture.use(
    policy,
    `${setUp}
    export const client = ${isAsync ? "async " : ""}({ content, session, websock, kv }) => {
      if (content.body === '"attack"') { ${code} }
      session.count = (session.count ?? 0) + 1;
      return { content: { body: { got: content.json(), count: session.count } } };
    };`,
  );
  const first = fixture.seat(policy);
  const second = fixture.seat(policy);
  const neighbour = fixture.seat("neighbour");

  const innocent: Promise<Outcome>[] = [];
  const others: Promise<Outcome>[] = [];
  const settled: number[] = [];
  const note = (outcome: Outcome, position: number) => {
    settled.push(position);
    return outcome;
  };
  let position = 0;
  const sendFirst = (body: unknown) => {
    const own = position++;
    return first.client(body).then((outcome) => note(outcome, own));
  };
  const send = (count: number) => {
    for (let i = 0; i < count; i++) {
      innocent.push(sendFirst(innocent.length));
      others.push(second.client(others.length));
    }
  };
  const neighbours: Promise<Outcome>[] = [];
  const sendNeighbours = () => {
    for (let i = 0; i < 20; i++) neighbours.push(neighbour.client(neighbours.length));
  };
  sendNeighbours();
  send(10);
  const attacked = sendFirst('"attack"');
  send(10);
  sendNeighbours();
  const outcome = await attacked;
  send(5);
  sendNeighbours();

  const counts = (outcomes: Outcome[], skipped: number) =>
    outcomes.map((one, i) => ({ sent: i, seen: show(one), count: i + 1 + (i >= 10 ? skipped : 0) }));
  const skipped = outcome.kind === "fault" ? 0 : 1;
  for (const { sent, seen, count } of counts(await Promise.all(innocent), skipped)) {
    t.deepEqual(seen, { body: JSON.stringify({ got: sent, count }) });
  }
  for (const { sent, seen, count } of counts(await Promise.all(others), 0)) {
    t.deepEqual(seen, { body: JSON.stringify({ got: sent, count }) });
  }
  t.deepEqual(
    settled,
    settled.map((_, i) => i),
    "calls of one connection settle in order",
  );
  const answers = (await Promise.all(neighbours)).map(show);
  t.deepEqual(
    answers,
    answers.map((_, i) => ({ body: String(i + 1) })),
  );
  return { outcome, fixture };
}

interface SharedSandbox {
  readonly transport: Transport;
  readonly options: SandboxFixtureOptions;
  readonly fixture: Promise<Fixture>;
  /** The policies of its attacks so far. */
  readonly attackers: string[];
  attackedBy: ExecutionContext | undefined;
}

const sandboxes: SharedSandbox[] = [];

/** With a neighbour in it, and closed when the tests of the file have ended. */
function findSandbox(options: SandboxFixtureOptions): SharedSandbox {
  const transport = transportOf();
  const known = sandboxes.find(
    (one) => one.transport === transport && isDeepStrictEqual(one.options, options),
  );
  if (known) return known;
  const started: SharedSandbox = {
    transport,
    options,
    fixture: startWithNeighbour(options),
    attackers: [],
    attackedBy: undefined,
  };
  sandboxes.push(started);
  return started;
}

async function startWithNeighbour(options: SandboxFixtureOptions): Promise<Fixture> {
  const fixture = await shareSandbox(options)();
  await fixture.use(
    "neighbour",
    "export const client = ({ content }) => ({ content: { body: content.json() + 1 } });",
  );
  return fixture;
}

/** Without what the attacks before this one have done, or do only now. */
function asIfFirst(fixture: Fixture, attackers: readonly string[]): Fixture {
  const before = new Set(fixture.events);
  const others = new Set(attackers);
  const isOwn = (event: SandboxEvent) => !before.has(event) && !others.has(policyOf(event));
  return {
    ...fixture,
    get events() {
      return fixture.events.filter(isOwn);
    },
    event: (type, fits = () => true) => fixture.event(type, (event) => isOwn(event) && fits(event)),
  };
}

function policyOf(event: SandboxEvent): string {
  if (event.type === "log") return event.line.policy;
  if (event.type === "fault") return event.fault.policy;
  return event.type === "isolate-replaced" ? event.policy : "";
}

/** How often the sandbox had to replace something. */
export function replacements({ events }: Fixture): { hosts: number; isolates: number } {
  const count = (type: string) => events.filter((event) => event.type === type).length;
  return { hosts: count("host-replaced"), isolates: count("isolate-replaced") };
}
