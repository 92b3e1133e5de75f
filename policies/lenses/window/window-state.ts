import type { AnySession, SideName } from "../lib/protocol.ts";

/** What is known of a connection: a member of `session`, with one of its own for each kind of window that a policy may have. */
export function windowState<State extends object>(
  session: AnySession,
  kind: SideName | "count",
  initial: () => State,
): State {
  session.window ??= {};
  const states = session.window as Partial<Record<typeof kind, State>>;
  states[kind] ??= initial();
  return states[kind];
}
