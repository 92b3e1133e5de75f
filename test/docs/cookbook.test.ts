import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { generate, type Packet } from "mqtt-packet";
import { findPolicies } from "../../policies/folder.ts";
import { checkTypes } from "../../policies/type-check.ts";
import { type LoadOptions, loadPolicy, type TestPolicy } from "../../testing/index.ts";
import { codeBlocks, readDocument, sectionOf } from "./documents.ts";
import { makePolicyFolder } from "./policy-folder.ts";

type Load = (options?: LoadOptions) => Promise<TestPolicy>;

const start = Date.UTC(2030, 0, 1);

const recipes: Readonly<Record<string, (t: ExecutionContext, load: Load) => Promise<void>>> = {
  async "Refuse clients without a key"(t, load) {
    const policy = await load({ options: { keys: ["k1"] } });
    t.is((await policy.upgrade()).status, 401);
    t.is((await policy.upgrade({ headers: { "X-Api-Key": "k1" } })).status, 101);
  },
  async "Let in a few addresses"(t, load) {
    const policy = await load({ options: { allow: ["10.1."] } });
    t.true((await policy.upgrade({ client: { address: "10.1.2.3" } })).accepted);
    t.is((await policy.upgrade({ client: { address: "10.2.2.3" } })).status, 403);
  },
  async "Tell the server who is connected"(t, load) {
    const { headers } = await (await load()).upgrade({ url: "/?token=abc" });
    t.deepEqual(headers, { authorization: "Bearer abc", "x-client": "127.0.0.1", cookie: null });
    t.is((await (await load()).upgrade()).status, 401);
  },
  async "Send each tenant to its own server"(t, load) {
    const policy = await load();
    t.is((await policy.upgrade({ params: { tenant: "acme" } })).connect, "acme");
    t.is((await policy.upgrade({ params: { tenant: "other" } })).status, 404);
  },
  async "Try a new server with a few clients"(t, load) {
    const policy = await load({ options: { percent: 10 } });
    const asked = Array.from({ length: 200 }, (_, i) =>
      policy.upgrade({ client: { address: `10.0.${i % 7}.${i}` } }),
    );
    const canaries = (await Promise.all(asked)).filter(({ connect }) => connect === "canary").length;
    t.true(canaries > 5 && canaries < 40, String(canaries));
  },
  async "End each connection after an hour"(t, load) {
    t.is((await (await load({ now: start })).upgrade()).expires, start + 3_600_000);
  },
  async "Look again whether a user may stay"(t, load) {
    const policy = await load({ now: start });
    const connection = policy.connection();
    t.like(await connection.upgrade({ url: "/?user=eve" }), {
      attributes: { user: "eve" },
      renewAt: start + 600_000,
    });
    t.is((await connection.renew({ reason: "time" })).renewAt, start + 600_000);
    await policy.kv.set("locked:eve", true);
    t.deepEqual((await connection.renew()).close, { code: 1008, reason: "locked" });
  },
  async "Ask for a login in the first message"(t, load) {
    const policy = await load({ options: { password: "s" } });
    t.is((await policy.client({ type: "chat" })).close?.code, 3000);
    const connection = policy.connection();
    t.like(await connection.client({ type: "login", password: "s" }), {
      isDropped: true,
      replies: ['{"type":"welcome"}'],
    });
    t.false((await connection.client({ type: "chat" })).isDropped);
  },
  async "Limit messages a second"(t, load) {
    const policy = await load({ options: { rate: 2 }, now: start });
    const connection = policy.connection();
    const drops = [];
    for (let i = 0; i < 3; i++) drops.push((await connection.client("x")).isDropped);
    await policy.clock.advance(1000);
    drops.push((await connection.client("x")).isDropped);
    t.deepEqual(drops, [false, false, true, false]);
  },
  async "Limit a user over all machines"(t, load) {
    const policy = await load({ options: { perMinute: 1 }, now: start });
    const send = () => policy.connection({ attributes: { user: "ann" } }).client("x");
    t.is((await send()).close, undefined);
    t.is((await send()).close?.code, 1008);
    await policy.clock.advance(60_000);
    t.is((await send()).close, undefined);
  },
  async "Let through known types only"(t, load) {
    const policy = await load({ options: { types: ["chat"] } });
    t.false((await policy.client({ type: "chat" })).isDropped);
    t.deepEqual((await policy.client({ type: "x" })).replies, ['{"error":"unknown type","type":"x"}']);
  },
  async "Take text only"(t, load) {
    const policy = await load();
    t.is((await policy.client(new Uint8Array(1))).close?.code, 1003);
    t.is((await policy.client("x")).close, undefined);
  },
  async "Hide fields from clients"(t, load) {
    const policy = await load({ options: { hide: ["password"] } });
    const { body } = await policy.server({ user: { name: "a", password: "b" } });
    t.is(body, '{"user":{"name":"a"}}');
  },
  async "Mask e-mail addresses"(t, load) {
    t.is((await (await load()).server("write to a.b@mail.example.org, now")).body, "write to ***@***, now");
  },
  async "Rename a field for old clients"(t, load) {
    const policy = await load();
    t.deepEqual((await policy.client({ id: 1, msg: "a" })).json(), { id: 1, text: "a" });
    t.deepEqual((await policy.server({ id: 1, text: "a" })).json(), { id: 1, msg: "a" });
  },
  async "Answer for the server"(t, load) {
    const policy = await load({ now: start });
    const { isDropped, replies } = await policy.client({ type: "ping" });
    t.true(isDropped);
    t.deepEqual(replies, [JSON.stringify({ type: "pong", time: start })]);
    t.false((await policy.client({ type: "chat" })).isDropped);
  },
  async "Say who sent a message"(t, load) {
    const connection = (await load({ now: start })).connection({ attributes: { user: "ann" } });
    const claimed = { text: "hi", user: "bob" };
    t.deepEqual((await connection.client(claimed)).json(), { text: "hi", user: "ann", time: start });
  },
  async "Drop what comes twice"(t, load) {
    const connection = (await load()).connection();
    t.false((await connection.client({ id: "1" })).isDropped);
    t.false((await connection.client({ id: "2" })).isDropped);
    t.true((await connection.client({ id: "1" })).isDropped);
  },
  async "Send together what comes in a burst"(t, load) {
    const connection = (await load()).connection();
    const first = await connection.server({ n: 1 });
    t.true(first.isDropped);
    t.deepEqual(first.tick, { in: 100 });
    t.is((await connection.server({ n: 2 })).tick, undefined);
    t.deepEqual((await connection.tick()).toClient, ['[{"n":1},{"n":2}]']);
  },
  async "Join the words of an answer"(t, load) {
    const policy = await load({ now: start });
    const connection = policy.connection();
    const say = (text: string) => connection.server({ type: "word", id: "a", text });
    t.is((await say("two ")).isDropped, true);
    await say("words");
    const done = await connection.server({ type: "done", id: "a" });
    t.deepEqual(done.json(), { type: "word", id: "a", text: "two words" });
    t.deepEqual(done.appended, ['{"type":"done","id":"a"}']);
    await say("late");
    await policy.clock.advance(100);
    t.deepEqual((await connection.tick()).toClient, ['{"type":"word","id":"a","text":"late"}']);
  },
  async "Let through known GraphQL operations only"(t, load) {
    const policy = await load({ options: { fields: ["orders"] } });
    const offer = { headers: { "Sec-WebSocket-Protocol": "graphql-transport-ws" } };
    t.is((await policy.upgrade()).status, 400);
    t.is((await policy.upgrade(offer)).subprotocol, "graphql-transport-ws");
    const connection = policy.connection({ subprotocol: "graphql-transport-ws" });
    const subscribe = (query: string) =>
      connection.client({ type: "subscribe", id: "1", payload: { query, operationName: "Orders" } });
    t.false(
      (await subscribe("query Orders { orders { id ...Part } } fragment Part on Order { price }")).isDropped,
    );
    for (const query of [
      "query Orders { secret }",
      "query Orders { orders: secret }",
      "query Other { secret } query Orders { orders { id } }",
      "query Orders { ...All } fragment All on Query { secret }",
      "query Orders {",
    ]) {
      const refused = await subscribe(query);
      t.true(refused.isDropped, query);
      t.deepEqual(
        refused.replies.map((reply) => JSON.parse(String(reply)).type),
        ["error"],
      );
    }
  },
  async "Limit calls of a JSON-RPC method"(t, load) {
    const connection = (await load({ options: { method: "search", perMinute: 2 } })).connection();
    const call = (id: number, method: string) => ({ jsonrpc: "2.0", id, method });
    t.false((await connection.client(call(1, "search"))).isDropped);
    const { body, replies } = await connection.client([
      call(2, "search"),
      call(3, "search"),
      call(4, "list"),
    ]);
    t.deepEqual(JSON.parse(String(body)), [call(2, "search"), call(4, "list")]);
    t.deepEqual(JSON.parse(String(replies[0])), [
      { jsonrpc: "2.0", id: 3, error: { code: -32029, message: "too many calls" } },
    ]);
  },
  async "Let only some call a SignalR hub's methods"(t, load) {
    const policy = await load({ options: { methods: { Ban: "admin" } } });
    const end = "\u001e";
    const ask = async (target: string, role: string, invocationId?: string) => {
      const connection = policy.connection({ attributes: { role } });
      await connection.client(`{"protocol":"json","version":1}${end}`);
      return connection.client(JSON.stringify({ type: 1, target, arguments: [], invocationId }) + end);
    };
    t.false((await ask("Say", "guest")).isDropped);
    t.false((await ask("Ban", "admin")).isDropped);
    t.true((await ask("Ban", "guest")).isDropped);
    const { isDropped, replies } = await ask("ban", "guest", "1");
    t.true(isDropped);
    t.deepEqual(replies, [`{"type":3,"invocationId":"1","error":"not allowed"}${end}`]);
  },
  async "Refuse blocked tags at a charging station"(t, load) {
    const policy = await load({ options: { blocked: ["bad"] } });
    const connection = policy.connection({ subprotocol: "ocpp1.6" });
    t.false((await connection.client([2, "1", "Authorize", { idTag: "good" }])).isDropped);
    const { isDropped, replies } = await connection.client([2, "2", "Authorize", { idTag: "bad" }]);
    t.true(isDropped);
    t.deepEqual(replies, ['[3,"2",{"idTagInfo":{"status":"Blocked"}}]']);
    await connection.client([2, "3", "StartTransaction", { idTag: "bad" }]);
    t.like(policy.logs[0], { level: "warn" });
  },
  async "Keep MQTT devices to topics of their own"(t, load) {
    const connection = (await load()).connection({ subprotocol: "mqtt" });
    const send = (...packets: readonly object[]) =>
      connection.client(new Uint8Array(Buffer.concat(packets.map((packet) => generate(packet as Packet)))));
    const subscribe = (topic: string) =>
      send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos: 0 }] });
    t.false((await send({ cmd: "connect", clientId: "c1", username: "eve" })).isDropped);
    t.false((await subscribe("devices/eve/inbox")).isDropped);
    const { isDropped, replies } = await subscribe("devices/#");
    t.true(isDropped);
    t.deepEqual(replies, [
      new Uint8Array(generate({ cmd: "suback", messageId: 1, granted: [0x80] } as Packet)),
    ]);
    const publish = (topic: string) => ({ cmd: "publish", topic, payload: "on", qos: 0 });
    const { body, close } = await send(publish("devices/eve/state"), publish("devices/bob/state"));
    t.deepEqual(
      [body, close?.code],
      [new Uint8Array(generate(publish("devices/eve/state") as Packet)), 1008],
    );
  },
  async "Keep large files out of Socket.IO events"(t, load) {
    const event = '451-["file",{"_placeholder":true,"num":0}]';
    const connection = (await load({ options: { maxBytes: 2 } })).connection();
    t.is((await connection.client(event)).body, event);
    t.deepEqual((await connection.client(new Uint8Array([1, 2]))).body, new Uint8Array([1, 2]));
    await connection.client(event);
    t.is((await connection.client(new Uint8Array(3))).close?.code, 1009);
    const strict = (await load({ options: { maxBytes: 0 } })).connection();
    t.deepEqual((await strict.client(event.replace("[", "7["))).replies, ['437[{"error":"no files"}]']);
    t.true((await strict.client(new Uint8Array(1))).isDropped);
  },
  async "Say in each STOMP message who sent it"(t, load) {
    const policy = await load();
    const connection = policy.connection({ subprotocol: "v12.stomp", attributes: { user: "eve" } });
    const sent = await connection.client("SEND\ndestination:/topic/a\nsender:bob\n\nhi\0");
    t.is(sent.body, "SEND\nsender:eve\ndestination:/topic/a\n\nhi\0");
    const refused = await connection.client("SEND\ndestination:/queue/a\n\nhi\0");
    t.is(refused.close?.code, 1008);
    t.deepEqual(refused.replies, ["ERROR\nmessage:not allowed\n\n\0"]);
  },
  async "Give a model its instructions"(t, load) {
    const connection = (await load({ options: { instructions: "Be kind.", maxTokens: 9 } })).connection();
    const ours = { instructions: "Be kind.", max_output_tokens: 9 };
    const update = await connection.client({
      type: "session.update",
      session: { voice: "v", instructions: "x" },
    });
    t.deepEqual(update.json(), { type: "session.update", session: { voice: "v", ...ours } });
    t.deepEqual((await connection.client({ type: "response.create" })).json(), {
      type: "response.create",
      response: ours,
    });
    const item = { type: "conversation.item.create", item: { type: "message" } };
    t.deepEqual((await connection.client(item)).json(), item);
    t.like(await connection.client({ type: "response.cancel" }), {
      isDropped: true,
      replies: ['{"type":"error","error":{"message":"response.cancel is not allowed"}}'],
    });
  },
  async "Tell somebody when keys are guessed"(t, load) {
    const policy = await load({ options: { keys: ["right"] } });
    t.true((await policy.upgrade({ headers: { "x-api-key": "right" } })).accepted);
    for (let n = 0; n < 12; n++) t.is((await policy.upgrade()).status, 401);
    t.deepEqual(policy.alerts, [{ name: "key-guessing", details: { address: "127.0.0.1", tries: 10 } }]);
  },
  async "Log how each connection ended"(t, load) {
    const policy = await load();
    const connection = policy.connection();
    await connection.close({ code: 1001, duration: 65_000 });
    t.like(policy.logs[0], { text: "ended by the client with 1001 after 65 s: 0 messages, 0 bytes" });
  },
  async "Ask a service about a token"(t, load) {
    let asked = 0;
    const policy = await load({
      secrets: { IDP_KEY: "key" },
      fetch(request) {
        asked++;
        const isKnown =
          request.headers.get("authorization") === "good" && request.headers.get("x-key") === "key";
        return isKnown ? { body: { name: "ann" } } : { status: 401 };
      },
    });
    t.is((await policy.upgrade({ headers: { authorization: "bad" } })).status, 401);
    for (let i = 0; i < 2; i++) {
      t.deepEqual((await policy.upgrade({ headers: { authorization: "good" } })).attributes, { user: "ann" });
    }
    t.is(asked, 2);
  },
  async "Prove to the server what passed here"(t, load) {
    const connection = (await load()).connection();
    const hashes = [];
    for (let i = 0; i < 2; i++) hashes.push((await connection.client({ a: 1 })).json() as { hash: string });
    for (const { hash } of hashes) t.regex(hash, /^[0-9a-f]{64}$/);
    t.not(hashes[0]!.hash, hashes[1]!.hash);
  },
};

for (const [title, run] of Object.entries(recipes)) {
  test(`cookbook: ${title}`, async (t) => {
    const [code] = codeBlocks(sectionOf(await readDocument("docs/cookbook.md"), title), "ts policy");
    t.true(code!.trim().split("\n").length <= 20, "short");
    const dir = await makePolicyFolder(t, { "recipe.ts": code! });
    await run(t, (options) => loadPolicy(join(dir, "recipe.ts"), options));
  });
}

test("cookbook: every recipe is run", async (t) => {
  const text = await readDocument("docs/cookbook.md");
  const titles = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title!);
  t.deepEqual(titles, Object.keys(recipes));
  t.is(codeBlocks(text, "ts policy").length, titles.length);
});

test("cookbook: the types of every recipe are right", async (t) => {
  const dir = await makePolicyFolder(t);
  const policies = codeBlocks(await readDocument("docs/cookbook.md"), "ts policy");
  for (const [index, code] of policies.entries()) await writeFile(join(dir, `recipe-${index}.ts`), code);
  t.deepEqual(await checkTypes(dir, await findPolicies(dir)), []);
});
