import { parseDuration } from "../../../config/index.ts";
import { isNetwork } from "../../../net/networks.ts";
import type { RedactionRules } from "../../../redaction/rules.ts";
import type { AttributeFilter, SessionFilter } from "../../../steering/session-filter.ts";
import { AdminError } from "../../errors.ts";
import type { SessionFilterInput } from "./session-filter-schema.ts";

/**
 * What is empty is refused, and does not mean all: it is more often a variable that nobody has set.
 * @throws AdminError
 */
export function readSessionFilter(input: SessionFilterInput, rules: ShownValues): SessionFilter {
  refuseEmpty(input);
  const {
    session,
    route,
    client,
    attribute = [],
    policy,
    subprotocol,
    older,
    younger,
    upstream,
    target,
  } = input;
  if (target !== undefined && upstream === undefined)
    throw new AdminError("ERR_REQUEST", "expected upstream beside target: whose server it is");
  const attributes = [attribute].flat().map((text) => readAttribute(text, rules));
  if (subprotocol !== undefined && rules.redactText(subprotocol) !== subprotocol) throw hidden("subprotocol");
  return {
    ...(session !== undefined && { id: session }),
    ...(route !== undefined && { route }),
    ...(client !== undefined && { client: readClient(client) }),
    ...(attributes.length > 0 && { attributes }),
    ...(policy !== undefined && { policy: readPolicy(policy) }),
    ...(subprotocol !== undefined && { subprotocol }),
    ...(older !== undefined && { olderThanMs: readSpan("older", older) }),
    ...(younger !== undefined && { youngerThanMs: readSpan("younger", younger) }),
    ...(upstream !== undefined && {
      upstream: { name: upstream, ...(target !== undefined && { target }) },
    }),
  };
}

function refuseEmpty(input: SessionFilterInput): void {
  for (const [name, value] of Object.entries(input))
    if ([value].flat().includes("")) throw refused(name, "left out, or to say which sessions", "");
}

type ShownValues = Pick<RedactionRules, "redactAttributes" | "redactText">;

/** A value that would not be shown cannot be asked for either: who may only look could find it out by asking. */
function readAttribute(text: string, rules: ShownValues): AttributeFilter {
  // The first of the two ends the name: a value may have more of them.
  const at = text.search(/[=:]/);
  if (at === -1) return { name: text };
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  if (name === "") throw refused("attribute", "a name before the `=`", text);
  const isShown = [value, ...parsed(value)].every(
    (each) => JSON.stringify(rules.redactAttributes({ [name]: each })) === JSON.stringify({ [name]: each }),
  );
  if (!isShown) throw hidden(`the attribute ${name}`);
  return { name, value };
}

/** Values that are not text are asked for by their JSON. */
function parsed(value: string): unknown[] {
  try {
    return [JSON.parse(value)];
  } catch {
    return [];
  }
}

/** The names of packs' policies begin with an @. */
function readPolicy(text: string): NonNullable<SessionFilter["policy"]> {
  const at = text.lastIndexOf("@");
  if (at <= 0) return { name: text };
  if (at === text.length - 1) throw refused("policy", "a name, or name@version", text);
  return { name: text.slice(0, at), version: text.slice(at + 1) };
}

function readClient(text: string): string {
  if (!text.includes("/") || isNetwork(text)) return text;
  throw refused("client", 'an address, or a network such as "10.0.0.0/8"', text);
}

/** All sessions are older than 0, and none is younger. */
function readSpan(name: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw refused(name, 'a duration above 0 such as "30s", "5m" or "2h"', text);
}

function refused(name: string, expected: string, got: string): AdminError {
  return new AdminError("ERR_REQUEST", `expected ${name} to be ${expected}, got "${got}"`);
}

function hidden(what: string): AdminError {
  return new AdminError(
    "ERR_REQUEST",
    `such a value of ${what} is redacted, so nobody can ask for it; ask whether it is there, or for something else`,
  );
}
