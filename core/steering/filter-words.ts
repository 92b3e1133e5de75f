import type { SessionFilter } from "./session-filter.ts";

/** For people, near to what the options of the command line say: `route=/chat user=anna`. */
export function wordFilter(filter: SessionFilter): string {
  const { id, route, client, attributes = [], policy, subprotocol, upstream } = filter;
  const words = [
    wordOne("session", id),
    wordOne("route", route),
    wordOne("client", client),
    ...attributes.map(({ name, value }) => (value === undefined ? `has ${name}` : `${name}=${value}`)),
    wordOne("policy", policy && [policy.name, policy.version].filter((each) => each !== undefined).join("@")),
    wordOne("subprotocol", subprotocol),
    wordOne("older", wordSpan(filter.olderThanMs)),
    wordOne("younger", wordSpan(filter.youngerThanMs)),
    wordOne("upstream", upstream?.name),
    wordOne("target", upstream?.target),
  ].filter((each) => each !== undefined);
  return words.join(" ") || "all";
}

function wordOne(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${name}=${value}`;
}

function wordSpan(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms / 1000}s`;
}
