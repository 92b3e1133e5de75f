import test, { type ExecutionContext } from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { createContextCompressor, inflateAlone } from "../../support/peers/compressor.ts";
import {
  connectRaw,
  clientFrame as fromClient,
  serverFrame as fromServer,
  type RawFrame,
  type RawPeer,
} from "../../support/peers/raw-client.ts";
import { shareRelay } from "../../support/peers/relay.ts";

/**
 * Peers that keep their context where they were asked to end it with each message. Tornado 6.2 and Mojolicious 9.31 do, as
 * servers (they answer a bare `permessage-deflate`) and as clients (they do not keep to `client_no_context_takeover`).
 */

const upper = `
  const change = ({ content }) => ({ content: { body: content.body.toUpperCase() } });
  export { change as client, change as server };
`;
const odd = `
  const change = ({ frame }) => (frame.sequence % 2 === 0 ? { drop: true } : undefined);
  export { change as client, change as server };
`;
const relay = shareRelay(test, {
  policies: { "upper.ts": upper, "odd.ts": odd },
  routes: (upstream) => [
    { path: "/upper/*", upstream, policies: ["upper"] },
    { path: "/odd/*", upstream, policies: ["odd"] },
    { path: "/client-upper/*", upstream, policies: ["upper"], compression: { server: false } },
    { path: "/server-upper/*", upstream, policies: ["upper"], compression: { client: false } },
    { path: "/server/*", upstream, compression: { client: false } },
    { path: "/ratio/*", upstream, compression: { maxRatio: 1000 } },
    { path: "/rate/*", upstream, rate: { server: { messages: 3, per: "1h", action: "drop" } } },
  ],
});

const text = "each message is much like the one before it: number ";
const sent = [1, 2, 3, 4].map((n) => text + n);
const all = (message: string): string => message;
const toUpper = (message: string): string => message.toUpperCase();

for (const [mode, expected] of [
  ["policy", sent],
  ["upper", sent.map(toUpper)],
  ["odd", sent.filter((_, i) => i % 2 === 0)],
  ["server", sent],
  ["server-upper", sent.map(toUpper)],
  ["ratio", sent],
  ["rate", sent.slice(0, 3)],
] as const) {
  test(`${mode}: of a server that keeps its context unasked, messages arrive, each by itself`, async (t) => {
    const { client, server } = await open(t, mode, "permessage-deflate");
    const compress = createContextCompressor();
    for (const message of sent)
      server.write(fromServer(OPCODE.text, await compress(message), { rsv1: true }));
    server.write(fromServer(OPCODE.close, ""));
    t.deepEqual(await readTexts(client), expected);
  });
}

for (const [mode, expected] of [
  ["policy", all],
  ["upper", toUpper],
  ["client-upper", toUpper],
] as const) {
  test(`${mode}: of a client that keeps its context though told not to, messages arrive, each by itself`, async (t) => {
    const { client, server } = await open(t, mode, mode === "client-upper" ? undefined : standAlone);
    t.regex(client.head, /client_no_context_takeover/);
    const compress = createContextCompressor();
    for (const message of sent)
      client.write(fromClient(OPCODE.text, await compress(message), { rsv1: true }));
    client.write(fromClient(OPCODE.close, ""));
    t.deepEqual(await readTexts(server), sent.map(expected));
  });
}

test("a client that asked the server to end its context hears that it does, and gets it so", async (t) => {
  const offer = "permessage-deflate; server_no_context_takeover";
  const { client, server } = await open(t, "spliced", "permessage-deflate", offer);
  t.regex(client.head, /^Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover$/im);
  const compress = createContextCompressor();
  for (const message of sent) server.write(fromServer(OPCODE.text, await compress(message), { rsv1: true }));
  server.write(fromServer(OPCODE.close, ""));
  t.deepEqual(await readTexts(client), sent);
});

const standAlone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/** @param answer what the server agrees to */
async function open(
  t: ExecutionContext,
  mode: string,
  answer: string | undefined,
  offer = "permessage-deflate; client_max_window_bits",
): Promise<{ client: Awaited<ReturnType<typeof connectRaw>>; server: RawPeer }> {
  const path = relay.path(mode);
  const headers = answer === undefined ? [] : [`Sec-WebSocket-Extensions: ${answer}`];
  const accept = relay.server.upgrade(path).then((upgrade) => upgrade.acceptRaw({ headers }));
  const client = await connectRaw(t, relay.gateway.port, path, [`Sec-WebSocket-Extensions: ${offer}`]);
  return { client, server: await accept };
}

/** What the messages say up to the Close, each inflated from an empty window. */
async function readTexts(peer: RawPeer): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const { opcode, rsv1, payload }: RawFrame = await peer.next();
    if (opcode === OPCODE.close) return texts;
    texts.push(String(rsv1 ? inflateAlone(payload) : payload));
  }
}
