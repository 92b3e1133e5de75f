/** Words of the console, one meaning each: what the help shows, and the titles of the words where they stand. */
export const GLOSSARY = {
  "Of messages": {
    spliced: "Went through as it came: no policy of its route looks at such a message",
    passed: "Policies looked at it, and let it through as it came",
    replaced: "A policy put other content in its place",
    dropped: "A policy, or an operator, kept it from going on",
    closed: "It made a policy close the session",
    failed: "A policy failed on it, and the route's `onError` said what became of it",
    opcode:
      "What kind of frame it is, as the WebSocket protocol numbers it: 1 text, 2 binary, 8 close, 9 ping",
    fin: "Whether it is the last frame of its message",
    "mask key":
      "What a client's frame was masked with, as the protocol demands; the payload is shown unmasked",
    compressed: "Whether it came compressed (permessage-deflate); the payload is shown as it was before",
    sequence: "Its number in its session, counted for each side by itself",
    "in the gateway": "From its last byte coming in to its first byte going out, waiting included",
  },
  "Of sessions": {
    session: "A client's WebSocket together with the server's that belongs to it",
    upgrade: "The HTTP request that asks for a WebSocket; 101 is its success",
    subject: "Who is at the other end, by an attribute that policies set",
    refused: "An upgrade that the gateway or a policy did not let in, as it was told to",
    cause: "What made the end come, where no policy did: a limit, a drain, a side that went away",
    subprotocol: "What client and server agreed to speak in their messages, e.g. `graphql-transport-ws`",
    extensions: "What client and server agreed to do to frames, e.g. to compress them",
    attributes: "What policies know of who is at the other end, e.g. `user`",
    "idle for": "Since a message or frame went either way",
    waiting: "Bytes that wait in the gateway for a side that is slow",
    machine: "The gateway that served it, where several are a fleet",
    drain: "A way out of service: no new connections, and those that are open close bit by bit",
  },
  "Of policies": {
    hook: "A function of a policy, called for an upgrade, a message, a tick of the clock or an end",
    skipped: "Messages that the policy's `when` says it need not see",
    fault: "A call that threw, took too long or gave what is no verdict",
    breaker: "Stops calls of a policy that fails too often, for a while; half-open: it is tried again",
    quarantine: "A sandbox process of its own, for a policy that has cost one",
    stale: "An older version runs, for the newest file has a problem",
    shadow: "A version that gets copies of the traffic, and whose verdicts go nowhere",
    rollout: "A new version that serves a share of the sessions, and more of them step by step",
  },
  "Of this page": {
    recording: "What is kept of the traffic, to be shown here; nothing else is",
    record: "The number under which it is kept",
    breakpoint: "Holds messages that fit a filter until an operator lets them go, or their time is over",
    HAR: "A file of HTTP and WebSocket traffic that browsers' tools read",
  },
  "Of times": {
    p50: "Half of them took no longer",
    p99: "All but the slowest in a hundred took no longer",
  },
} as const;

const meanings = new Map(
  Object.values(GLOSSARY).flatMap((words) =>
    Object.entries<string>(words).map(([word, meaning]) => [word.toLowerCase(), meaning] as const),
  ),
);

/** For a `title`; undefined of words that say enough. */
export function meaningOf(word: string): string | undefined {
  return meanings.get(word.toLowerCase());
}
