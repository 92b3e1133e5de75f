import { once } from "node:events";
import type { Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { OwnPlaces } from "../../core/leases/caps/own-places.ts";
import { createOwnAddresses } from "../../core/net/own-addresses.ts";
import { firstDecision, type UpgradeDecision } from "../../core/request/decision.ts";
import { agreeWithServer } from "../../core/upgrade/agree-with-server.ts";
import { acceptKey } from "../../core/upgrade/handshake.ts";
import { UpgradeNotes } from "../../core/upgrade/upgrade-observer.ts";
import { UpstreamError } from "../../core/upstream/dial/errors.ts";
import { createUpstreams } from "../../core/upstream/upstreams.ts";
import { requestOf, routedOf } from "../request/exchanges.ts";
import { startOdd } from "../support/servers/upstreams.ts";

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const both = { text: "a/b", binary: "a/b" };

interface QuestionOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly subprotocols?: readonly string[];
  readonly decision?: Partial<UpgradeDecision>;
}

/** What comes of asking a server that gives this answer, and what it was asked. */
async function ask(t: ExecutionContext, answer: readonly string[], options: QuestionOptions = {}) {
  const heard = Promise.withResolvers<{ readonly head: string; readonly peer: Socket }>();
  const upstream = await startOdd(t, (peer) => {
    peer.once("data", (bytes) => {
      peer.write(`${answer.join("\r\n")}\r\n\r\n`);
      heard.resolve({ head: bytes.toString(), peer });
    });
  });
  const upstreams = createUpstreams({
    own: createOwnAddresses([]),
    places: new OwnPlaces(),
    now: () => performance.now(),
    schedule: () => () => {},
    onHealthChange() {},
    onFailover() {},
  });
  const notes = new UpgradeNotes({
    get elapsedMs() {
      return performance.now();
    },
  });
  const question = {
    routed: routedOf(
      { upstream: { url: upstream, maxConnections: 1 }, forwarded: [] },
      requestOf("/x?y", options.headers),
    ),
    decision: { ...firstDecision({ client: both, server: both }), ...options.decision },
    key,
    subprotocols: options.subprotocols,
    standAlone: false,
    signal: new AbortController().signal,
    notes,
  };
  const result = agreeWithServer(question, upstreams);
  const places = () => {
    const { upstream: config } = question.routed.config;
    return typeof config === "string" ? -1 : (upstreams.of(config).servers[0]?.active ?? -1);
  };
  return { result, heard: heard.promise, notes, places };
}

const SWITCHING = [
  "HTTP/1.1 101 Switching Protocols",
  "Upgrade: websocket",
  "Connection: Upgrade",
  `Sec-WebSocket-Accept: ${acceptKey(key)}`,
];

test("a server that agrees: what it is asked, and what the client's 101 is made of", async (t) => {
  const { result, heard, notes, places } = await ask(
    t,
    [...SWITCHING, "Sec-WebSocket-Protocol: b", "X-Server: s"],
    {
      subprotocols: ["a", "b"],
      decision: { headers: { "x-set": ["1"] }, responseHeaders: { "x-server": null } },
    },
  );
  const agreement = await result;
  if ("refusal" in agreement) return t.fail(agreement.refusal.detail);
  const { head } = await heard;
  t.regex(head, /^GET \/x\?y HTTP\/1\.1\r\nHost: gate\r\n/);
  t.regex(head, /\r\nSec-WebSocket-Protocol: a, b\r\n/);
  t.regex(head, /\r\nx-set: 1\r\n/);
  t.is(agreement.subprotocol, "b");
  t.deepEqual(agreement.response, [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", acceptKey(key)],
    ["Sec-WebSocket-Protocol", "b"],
  ]);
  t.is(notes.serverResponse?.status, 101);
  t.true(notes.serverRequest?.some(([name]) => name === "x-set"));
  const phases = notes.phases.finish();
  t.deepEqual(
    phases.map(({ phase }) => phase),
    ["admit", "queue", "dial", "server", "answer"],
  );
  t.is(`ws://${phases[2]!.server}/x`, agreement.server.url);
  t.is(places(), 1);
  agreement.release();
  t.is(places(), 0);
  agreement.server.socket.destroy();
});

for (const [what, answer] of [
  ["no Upgrade", SWITCHING.filter((line) => !line.startsWith("Upgrade"))],
  ["a wrong key", [...SWITCHING.slice(0, 3), "Sec-WebSocket-Accept: x"]],
  ["a subprotocol that nobody offered", [...SWITCHING, "Sec-WebSocket-Protocol: z"]],
  ["an extension that nobody offered", [...SWITCHING, "Sec-WebSocket-Extensions: permessage-deflate"]],
] as const) {
  test(`a 101 with ${what} is none: the server is left, and its place given back`, async (t) => {
    const { result, heard, places } = await ask(t, answer);
    t.like(await result, { refusal: { code: "ERR_UPSTREAM_BAD_HANDSHAKE" } });
    t.is(places(), 0);
    const { peer } = await heard;
    if (!peer.closed) await once(peer, "close");
  });
}

test("a server's refusal is the client's, and its place is given back", async (t) => {
  const { result, places } = await ask(t, ["HTTP/1.1 403 Forbidden", "Content-Length: 0", "X-Why: no"]);
  t.like(await result, {
    refusal: { code: "ERR_UPSTREAM_REFUSED", status: 403, headers: [["X-Why", "no"]] },
  });
  t.is(places(), 0);
});

test("a client whose extensions are no list is refused before a server is asked", async (t) => {
  const { result, places } = await ask(t, SWITCHING, { headers: { "Sec-WebSocket-Extensions": "a;;" } });
  t.like(await result, { refusal: { code: "ERR_BAD_HANDSHAKE" } });
  t.is(places(), 0);
});

test("where no policy may lead nobody is asked", async (t) => {
  const { result } = await ask(t, SWITCHING, { decision: { connect: "http://elsewhere.test" } });
  const error = await t.throwsAsync(result, { instanceOf: UpstreamError });
  t.is(error?.code, "ERR_UPSTREAM_NOT_ALLOWED");
});
