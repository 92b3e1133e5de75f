import { once } from "node:events";
import test, { type ExecutionContext } from "ava";
import { breakpointsSchema } from "../../../core/admin/api/breakpoints/breakpoints-schema.ts";
import { readSessions } from "../../../core/recording/read-recording.ts";
import { findChildren } from "../../support/child-processes.ts";
import { eventually } from "../../support/eventually.ts";
import { type GatewayProcess, startGatewayProcess } from "../../support/gateways/gateway-process.ts";
import { connectClient, startServer, type TestServer, wrapWebSocket } from "../../support/peers/peers.ts";
import { type Asking, adminToken, ask, bearer, readerToken } from "../console.ts";

const policy = `export const client = ({ content }) => ({ content: { body: "[" + content.body + "]" } });`;
const ban = `export function client({ content }) {
  if (content.body === "fault") throw new Error("broken");
  return content.body === "ban" ? { close: { code: 4003, reason: "banned" } } : undefined;
}`;

const texts = `export const when = { client: { opcode: "text" } }; export const client = () => {};`;

const teardowns: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => void teardowns.push(end) };
let gateway: GatewayProcess;
let server: TestServer;

test.before(async () => {
  server = await startServer(scope, () => {}, { perMessageDeflate: { threshold: 0 } });
  const upstream = server.url;
  gateway = await startGatewayProcess(scope, {
    policies: { "mark.ts": policy, "ban.ts": ban, "texts.ts": texts },
    config: {
      workers: 2,
      console: { port: 0, token: adminToken, readerToken },
      routes: [
        { path: "/marked", upstream, policies: ["mark"], recording: true, contentType: "text/plain" },
        { path: "/texts", upstream, policies: ["texts"] },
        { path: "/small", upstream, maxMessageSize: "1KiB" },
        { path: "/ban", upstream, policies: ["ban"], contentType: "text/plain" },
        { path: "/idle", upstream, idle: "1s", keepalive: { interval: "1s", timeout: "1s" } },
        { path: "/*", upstream, recording: true },
      ],
    },
  });
});

test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});

const call = (path: string, asking: Asking = {}) =>
  ask(gateway.consolePort, `/api/v1${path}`, { headers: bearer(adminToken), ...asking });

const read = async () => breakpointsSchema.parse((await call("/breakpoints")).json);

/** Set one for the time of a test. */
async function breakAt(t: ExecutionContext, body: object): Promise<string> {
  const { status, json } = await call("/breakpoints", { body });
  t.is(status, 200, JSON.stringify(json));
  t.teardown(() => call(`/breakpoints/${json.id}`, { method: "DELETE" }));
  return json.id;
}

async function open(t: ExecutionContext, path: string, options = {}) {
  const accepted = server.accept();
  const client = await connectClient(t, gateway.url + path, options);
  const peer = wrapWebSocket(await accepted);
  const { sessions } = (await call(`/sessions?client=127.0.0.1:${client.socket.localPort}`)).json;
  return { client, peer, id: sessions[0].id as string };
}

const heldOnes = (count: number) =>
  eventually(`${count} are held`, async () => {
    const { held } = await read();
    return held.length === count && held;
  });

const release = (id: string, body: object = {}) => call(`/held/${id}/release`, { body });

test.serial(
  "messages are held on the way to either side, over all workers, edited, dropped and let go in order",
  async (t) => {
    const pairs = [await open(t, "/marked"), await open(t, "/marked")];
    const id = await breakAt(t, { filter: "hold", route: "/marked" });
    for (const { client, peer, id: session } of pairs) {
      client.send("pass");
      client.send("hold 1");
      client.send("behind");
      t.is(await peer.next(), "[pass]");
      const [held] = await heldOnes(1);
      t.like(held, { session, route: "/marked", origin: "client", breakpoint: id, sequence: 2 });
      t.is(held?.payload.data, "[hold 1]");
      t.is(held?.original?.data, "hold 1");
      t.true(held!.leftMs > 0 && held!.leftMs <= 30_000);
      // The other direction goes on, and pings do in both.
      peer.send("other way");
      t.is(await client.next(), "other way");
      client.ws.ping();
      await once(peer.ws, "ping");
      t.is((await call(`/sessions/${session}`)).json.held, 1);
      await release(held!.id, { text: "edited" });
      t.deepEqual(await peer.take(2), ["edited", "[behind]"]);
      peer.send("hold 2");
      peer.send("after");
      const [second] = await heldOnes(1);
      t.is(second?.origin, "server");
      t.is((await call(`/held/${second!.id}/drop`, { method: "POST" })).status, 200);
      t.is(await client.next(), "after");
      t.is((await release(second!.id)).status, 404);
    }
  },
);

test.serial(
  "what an operator has done stands in records, explain, HAR and recordings, and policies' part is told apart",
  async (t) => {
    const { client, peer, id } = await open(t, "/marked");
    await breakAt(t, { session: id });
    for (const [index, act] of [{}, { text: "edited" }, "drop"].entries()) {
      client.send(`m${index}`);
      const [held] = await heldOnes(1);
      if (typeof act === "string") await call(`/held/${held!.id}/drop`, { method: "POST" });
      else await release(held!.id, act);
    }
    peer.send("s");
    const [answer] = await heldOnes(1);
    await release(answer!.id, { base64: "AQI=" });
    t.deepEqual(await peer.take(2), ["[m0]", "edited"]);
    t.deepEqual(await client.next(), Buffer.from([1, 2]));
    const records = await eventually("all are recorded", async () => {
      const { json } = await call(`/traffic?session=${id}&kind=frame`);
      return json.records.length === 4 && json.records.toReversed();
    });
    const steps = records.map(
      (record: { outcome: string; after: { data: string } | null; steps: object[] }) => [
        record.outcome,
        record.after?.data,
        ...record.steps.map((step) => {
          const { policy, by = "policy", action, detail } = step as Record<string, string>;
          return `${policy} ${by} ${action} ${detail}`;
        }),
      ],
    );
    t.deepEqual(steps, [
      ["replaced", "[m0]", "mark policy replaced ", " operator held released by an operator"],
      ["replaced", "edited", "mark policy replaced ", " operator replaced edited by an operator"],
      ["dropped", undefined, "mark policy replaced ", " operator dropped dropped by an operator"],
      ["replaced", "AQI=", " operator replaced edited by an operator"],
    ]);
    const explained = (await call(`/sessions/${id}/explain/client:2`)).json;
    t.deepEqual(
      explained.steps.map((step: { by?: string; output: { data: string } }) => [step.by, step.output.data]),
      [
        [undefined, "[m1]"],
        ["operator", "edited"],
      ],
    );
    const har = (await call(`/traffic.har?session=${id}`)).json.log.entries[0]._webSocketMessages;
    t.like(har.at(-1), { type: "receive", opcode: 2, data: "AQI=", _by: "operator" });
    // A replay compares policies with policies.
    const { recording } = (await call(`/recording?session=${id}`)).json;
    const lines = readSessions(recording, "r").events.flatMap((event) =>
      event.type === "message" ? [event] : [],
    );
    t.like(lines[1], {
      result: { outcome: "replaced", after: { text: "[m1]" } },
      operator: { action: "replaced", after: { text: "edited" } },
    });
    t.like(lines[2], {
      result: { outcome: "replaced", after: { text: "[m2]" } },
      operator: { action: "dropped" },
    });
    t.deepEqual(
      lines[1]?.result?.steps.map((step) => step.policy),
      ["mark"],
    );
  },
);

test.serial(
  "a message goes by itself when its time is over, and a breakpoint is removed by a button or by time",
  async (t) => {
    const { client, peer, id } = await open(t, "/room");
    const first = await breakAt(t, { session: id, hold: "1s", from: "client" });
    client.send("soon");
    peer.send("not meant");
    t.is(await client.next(), "not meant");
    await heldOnes(1);
    t.is(await peer.next(), "soon");
    await call(`/breakpoints/${first}`, { method: "DELETE" });
    const second = await breakAt(t, { session: id, for: "2s" });
    client.send("until it is removed");
    await heldOnes(1);
    t.is(await peer.next(), "until it is removed");
    t.false((await read()).breakpoints.some((each) => each.id === second));
    client.send("as before");
    t.is(await peer.next(), "as before");
  },
);

test.serial(
  "a Close, a FIN, an operator's close and a stopped session end it cleanly, with what was held before",
  async (t) => {
    // Nothing of it goes by time.
    await breakAt(t, { route: "/*", hold: "10m" });
    const closing = await open(t, "/room");
    closing.client.send("last words");
    closing.client.close(4000, "done");
    t.is(await closing.peer.next(), "last words");
    t.deepEqual(await closing.peer.closed, { code: 4000, reason: "done" });
    const vanishing = await open(t, "/room");
    vanishing.client.send("held");
    await heldOnes(1);
    vanishing.client.socket.destroy();
    t.is(await vanishing.peer.next(), "held");
    await vanishing.peer.closed;
    const closed = await open(t, "/room");
    closed.client.send("held");
    await heldOnes(1);
    await call(`/sessions/${closed.id}/close`, { body: { code: 4001, reason: "enough" } });
    t.is(await closed.peer.next(), "held");
    t.deepEqual(await closed.peer.closed, { code: 4001, reason: "enough" });
    t.deepEqual(await closed.client.closed, { code: 4001, reason: "enough" });
    t.is((await read()).held.length, 0);
  },
);

test.serial("a policy's close does not wait for what is held, nor does that of one that fails", async (t) => {
  await breakAt(t, { route: "/ban", filter: "held", hold: "10m" });
  const ends = { ban: { code: 4003, reason: "banned" }, fault: { code: 1011, reason: "internal error" } };
  for (const [word, end] of Object.entries(ends)) {
    const { client, peer } = await open(t, "/ban");
    client.send("held by client");
    peer.send("held by server");
    await heldOnes(2);
    client.send(word);
    t.deepEqual(await client.closed, end);
    t.deepEqual(await peer.closed, end);
    t.deepEqual([client.left, peer.left], [["held by server"], ["held by client"]]);
  }
  t.is((await read()).held.length, 0);
});

test.serial("a session with a held message is neither idle nor taken for dead", async (t) => {
  const { client, peer, id } = await open(t, "/idle");
  await breakAt(t, { session: id, hold: "4s", from: "client" });
  client.send("patience");
  await heldOnes(1);
  t.is(await peer.next(), "patience");
  // A peer that was held up is not idle the moment after.
  peer.send("answer");
  t.is(await client.next(), "answer");
  t.is((await client.closed).code, 1001);
});

test.serial(
  "one whose messages depend on each other cannot be held: it goes on, and that is said",
  async (t) => {
    const options = { perMessageDeflate: { threshold: 0 } };
    const { client, peer, id } = await open(t, "/room", options);
    const alone = await open(t, "/room", {
      perMessageDeflate: { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
    });
    client.send("before");
    t.is(await peer.next(), "before");
    await breakAt(t, { route: "/*" });
    client.send("again");
    t.is(await peer.next(), "again");
    t.is((await read()).unreadable, 1);
    t.false((await call(`/sessions/${id}`)).json.isHoldable);
    // Compressed messages that stand alone are held, edited, and go on.
    t.true((await call(`/sessions/${alone.id}`)).json.isHoldable);
    alone.client.send("compressed, compressed, compressed");
    const [held] = await heldOnes(1);
    t.is(held?.payload.data, "compressed, compressed, compressed");
    await release(held!.id, { text: "edited, edited, edited" });
    t.is(await alone.peer.next(), "edited, edited, edited");
  },
);

test.serial(
  "messages that are too large pass and are counted, and secrets are hidden and put back",
  async (t) => {
    const { client, peer, id } = await open(t, "/room");
    await breakAt(t, { session: id });
    client.send("x".repeat(300_000));
    t.is(((await peer.next()) as string).length, 300_000);
    // Longer than what the gateway reads: it passes as it would without a breakpoint.
    client.send(Buffer.alloc(20 * 1024 * 1024));
    t.is(((await peer.next()) as Buffer).length, 20 * 1024 * 1024);
    t.deepEqual((await read()).passed, { full: 0, large: 1, unread: 1 });
    client.ws.send("in ", { fin: false });
    client.ws.send("fragments");
    t.is(await peer.next(), "in fragments");
    t.deepEqual((await read()).passed, { full: 0, large: 1, unread: 2 });
    client.send('{"user":"ada","password":"hunter2"}');
    const [held] = await heldOnes(1);
    t.is(held?.payload.redactions, 1);
    const { payload } = (await call(`/held/${held!.id}`)).json;
    t.false(payload.data.includes("hunter2"));
    t.is((await release(held!.id, { text: "[redacted] [redacted]" })).status, 400);
    // Nobody would hide it there.
    t.is((await release(held!.id, { text: '{"note":"[redacted]"}' })).status, 400);
    await release(held!.id, { text: payload.data.replace("ada", "bob") });
    t.is(await peer.next(), '{"user":"bob","password":"hunter2"}');
  },
);

test.serial(
  "what passes policies that it is not for passes a breakpoint as well, however long it is",
  async (t) => {
    const { client, peer } = await open(t, "/texts");
    await breakAt(t, { route: "/texts", filter: "held" });
    client.send(Buffer.alloc(20 * 1024 * 1024));
    t.is(((await peer.next()) as Buffer).length, 20 * 1024 * 1024);
    t.is((await read()).passed.unread, 1);
    client.send(Buffer.from("held"));
    await heldOnes(1);
  },
);

test.serial(
  "an edit is no longer than its sender's messages may be, and the log says whose was let go how",
  async (t) => {
    const { client, peer, id } = await open(t, "/small");
    await breakAt(t, { route: "/small" });
    client.send("a");
    const [held] = await heldOnes(1);
    const { status, json } = await release(held!.id, { text: "x".repeat(1025) });
    t.is(status, 413);
    t.regex(json.error.message, /maxMessageSize/);
    await release(held!.id, { text: "x".repeat(1024) });
    t.is(((await peer.next()) as string).length, 1024);
    const [line] = await gateway.output(/^(?=.*"\/small").*held message edited by an operator.*$/m);
    t.like(JSON.parse(line), { session: id, route: "/small", origin: "client", bytes: 1, editedBytes: 1024 });
  },
);

test.serial("a filter is that of recorded traffic, with what is known of the session", async (t) => {
  const { client, peer } = await open(t, "/room");
  await breakAt(t, { filter: 'path:room origin:client (opcode:binary or text:"held")' });
  client.send("free");
  client.send("held");
  client.send(Buffer.from([1]));
  peer.send("held");
  t.is(await client.next(), "held");
  t.is(await peer.next(), "free");
  await heldOnes(2);
  await call("/held/release", { body: {} });
  t.deepEqual(await peer.take(2), ["held", Buffer.from([1])]);
});

test.serial("what is asked for must make sense, and needs the admin role", async (t) => {
  const refused = async (body: object, status: number) => {
    const { json, status: got } = await call("/breakpoints", { body });
    t.is(got, status, JSON.stringify(body));
    return json.error.message;
  };
  t.is(await refused({ hold: "1h" }, 400), 'expected hold to be a duration from "1s" to "10m", got "1h"');
  await refused({ for: "2d" }, 400);
  t.regex(await refused({ filter: "origin:nobody" }, 400), /the filter cannot be read: .*nobody/s);
  await refused({ route: "/none" }, 404);
  await refused({ from: "nobody" }, 400);
  const reader = { headers: bearer(readerToken) };
  t.is((await call("/breakpoints", { ...reader, body: {} })).status, 403);
  t.is((await call("/held/release", { ...reader, body: {} })).status, 403);
  t.is((await call("/breakpoints", reader)).status, 200);
  t.is((await call("/breakpoints/none", { method: "DELETE" })).status, 404);
  t.is((await call("/held/none")).status, 404);
  for (let count = 0; count < 20; count++) await breakAt(t, { filter: `${count}` });
  t.regex(await refused({}, 409), /at most 20 breakpoints/);
});

test.serial(
  "all are let go at once, a reload changes nothing, and a worker that dies takes only its own along",
  async (t) => {
    await breakAt(t, { filter: "hold", hold: "10m" });
    const pairs = [await open(t, "/marked"), await open(t, "/marked"), await open(t, "/marked")];
    for (const { client } of pairs) client.send("hold");
    await heldOnes(3);
    t.is((await call("/policies/reload", { method: "POST" })).status, 200);
    await heldOnes(3);
    t.deepEqual((await call("/held/release", { body: { session: pairs[0]!.id } })).json.messages, 1);
    t.is(await pairs[0]!.peer.next(), "[hold]");
    pairs[0]!.client.send("hold it");
    await heldOnes(3);
    const prefix = pairs[0]!.id.split("-")[0];
    const others = pairs.filter(({ id }) => !id.startsWith(`${prefix}-`));
    t.is(others.length, 1);
    const workers = await findChildren(gateway.pid, "worker-process");
    process.kill(workers[0]!, "SIGKILL");
    await eventually("its sessions are gone", async () => (await read()).held.length < 3);
    const left = await call("/held/release", { body: {} });
    t.true(left.json.messages === 1 || left.json.messages === 2);
    // The one that takes its place has the breakpoint, too.
    await eventually("a new worker holds as well", async () => {
      const { client } = await open(t, "/marked");
      client.send("hold");
      const held = await heldOnes(1);
      await call("/held/release", { body: {} });
      return !pairs.some(({ id }) => held[0]!.session.startsWith(`${id.split("-")[0]}-`));
    });
  },
);

test.serial(
  "a message as large as any that is held is edited whole, whatever its characters take in JSON",
  async (t) => {
    const { client, peer, id } = await open(t, "/room");
    await breakAt(t, { session: id });
    client.send("y".repeat(200_000));
    const [held] = await heldOnes(1);
    const edited = "\u0001".repeat(200_000);
    t.is((await release(held!.id, { text: edited })).status, 200);
    t.is(await peer.next(), edited);
  },
);
