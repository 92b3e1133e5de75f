import type { ExecutionContext } from "ava";
import type { Outcome, PolicyFault } from "../../sandbox/contract.ts";
import { type Fixture, faultOf, type SandboxFixtureOptions, show, startSandbox } from "../sandbox/support.ts";

export interface Attack extends SandboxFixtureOptions {
  /** Statements of an async or plain `client` hook, run for one message among many. */
  readonly code: string;
  readonly isAsync?: boolean;
  /** Top-level statements of the policy. */
  readonly setUp?: string;
}

/**
 * Sends one message that attacks, between innocent ones of the same connection, of another connection of the same
 * policy, and of another policy. All innocent messages must come back as they would without the attack.
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
  options: Attack,
): Promise<{ outcome: Outcome; fixture: Fixture }> {
  // Longer than the default, so that the innocent keep clear of it on a busy machine.
  const limits = { messageTimeoutMs: 500, ...options.limits };
  const fixture = await startSandbox(t, { ...options, limits });
  await fixture.use(
    "neighbour",
    "export const client = ({ content }) => ({ content: { body: content.json() + 1 } });",
  );
  await fixture.use(
    "attacker",
    `${options.setUp ?? ""}
    export const client = ${options.isAsync ? "async " : ""}({ content, session, websock, kv }) => {
      if (content.body === '"attack"') { ${options.code} }
      session.count = (session.count ?? 0) + 1;
      return { content: { body: { got: content.json(), count: session.count } } };
    };`,
  );
  const first = fixture.seat("attacker");
  const second = fixture.seat("attacker");
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

/** How often the sandbox had to replace something. */
export function replacements({ events }: Fixture): { hosts: number; isolates: number } {
  const count = (type: string) => events.filter((event) => event.type === type).length;
  return { hosts: count("host-replaced"), isolates: count("isolate-replaced") };
}
