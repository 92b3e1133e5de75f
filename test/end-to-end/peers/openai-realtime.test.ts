import { once } from "node:events";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { OpenAI } from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import { WebSocket } from "ws";
import { makeFolder } from "../../config/folder.ts";
import { at } from "../../support/at.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { startServer } from "../../support/peers/peers.ts";
import { createCertificate } from "../../support/servers/certificate.ts";

type RealtimeRecord = Readonly<Record<string, unknown>>;

const lens = `
  import { openaiRealtime } from "framegate/lenses";

  const refusal = (message) => ({ drop: true, reply: [{ type: "error", error: { type: "invalid_request_error", message } }] });

  export default openaiRealtime({
    "session.update": (event) => ({
      content: { body: { ...event, session: { ...event.session, instructions: "Be kind. " + event.session.instructions } } },
    }),
    "conversation.item.create": ({ item }) => (JSON.stringify(item).includes("password") ? refusal("no secrets") : undefined),
    "response.output_text.delta": (event) =>
      event.delta.includes("damn") ? { content: { body: { ...event, delta: event.delta.replace("damn", "****") } } } : undefined,
    client: { event: ({ type }) => (type === "made.up" ? refusal("no such event") : undefined) },
  });`;

const answer = ["The ", "damn ", "answer"];
const ids = { response_id: "r1", item_id: "i1", output_index: 0, content_index: 0 };

/** A server of the API, as far as these events go. */
async function start(t: ExecutionContext) {
  const heard: RealtimeRecord[] = [];
  const server = await startServer(
    t,
    (socket) => {
      const send = (event: object) => socket.send(JSON.stringify({ event_id: "e", ...event }));
      send({ type: "session.created", session: { model: "m" } });
      socket.on("message", (data) => {
        const event = JSON.parse(String(data)) as RealtimeRecord;
        heard.push(event);
        if (event.type === "session.update") send({ type: "session.updated", session: event.session });
        if (event.type !== "response.create") return;
        send({ type: "response.created", response: { id: "r1" } });
        for (const delta of answer) send({ type: "response.output_text.delta", ...ids, delta });
        send({ type: "something.new", of: "the protocol" });
        send({ type: "response.output_text.done", ...ids, text: answer.join("") });
        send({ type: "response.done", response: { id: "r1" } });
      });
    },
    { handleProtocols: (protocols) => (protocols.has("realtime") ? "realtime" : false) },
  );
  const { cert, key } = createCertificate();
  const dir = await makeFolder(t, { "a.crt": cert, "a.key": key });
  const certificates = [{ cert: join(dir, "a.crt"), key: join(dir, "a.key") }];
  const gateway = await startGateway(t, {
    policies: { "lens.ts": lens },
    // The library takes TLS only.
    config: {
      listen: [
        { host: "127.0.0.1", port: 0 },
        { host: "127.0.0.1", port: 0, tls: { certificates } },
      ],
    },
    routes: [{ path: "/v1/realtime", upstream: server.url, policies: ["lens"] }],
  });
  return { gateway, heard, cert };
}

function connect(t: ExecutionContext, { gateway }: TestGateway, ca: string): OpenAIRealtimeWS {
  const { port } = at(gateway.addresses.listen, 1);
  const client = new OpenAI({ apiKey: "k1", baseURL: `https://127.0.0.1:${port}/v1` });
  const realtime = new OpenAIRealtimeWS({ model: "m", options: { ca } }, client);
  t.teardown(() => realtime.close());
  return realtime;
}

test("a lens: events changed, refused and left alone between the library and a server", async (t) => {
  const { gateway, heard, cert } = await start(t);
  const realtime = connect(t, gateway, cert);
  const errors: string[] = [];
  realtime.on("error", ({ message }) => errors.push(message));
  await realtime.emitted("session.created");
  realtime.send({ type: "session.update", session: { type: "realtime", instructions: "Be brief." } });
  await realtime.emitted("session.updated");
  const say = (text: string) =>
    realtime.send({
      type: "conversation.item.create",
      item: { type: "message", role: "user", content: [{ type: "input_text", text }] },
    });
  const refused = t.throwsAsync(realtime.emitted("response.done"), { message: /no secrets/ });
  say("the password is…");
  await refused;
  say("hello");
  const deltas: string[] = [];
  const types: string[] = [];
  realtime.on("event", ({ type }) => types.push(type));
  realtime.on("response.output_text.delta", ({ delta }) => deltas.push(delta));
  const done = Promise.all([
    realtime.emitted("response.output_text.done"),
    realtime.emitted("response.done"),
  ]);
  realtime.send({ type: "response.create" });
  const [{ text }] = await done;
  t.deepEqual(deltas, ["The ", "**** ", "answer"]);
  t.is(text, answer.join(""));
  t.true((types as readonly string[]).includes("something.new"));
  t.deepEqual(
    heard.map(({ type }) => type),
    ["session.update", "conversation.item.create", "response.create"],
  );
  t.like(heard[0], { session: { type: "realtime", instructions: "Be kind. Be brief." } });
  t.is(errors.length, 1);
});

test("a lens: what is no event ends the connection, and so does one whose fields are others", async (t) => {
  const { gateway, heard } = await start(t);
  for (const foreign of [
    "hello",
    "[]",
    '{"session":{}}',
    '{"type":"session.update","session":"none"}',
    '{"type":"made.up","Type":"response.create"}',
    new TextEncoder().encode('{"type":"response.create"}'),
  ]) {
    const socket = new WebSocket(`${gateway.url}/v1/realtime?model=m`, [
      "realtime",
      "openai-insecure-api-key.k1",
    ]);
    const types: unknown[] = [];
    socket.on("message", (data) => types.push(JSON.parse(String(data)).type));
    await once(socket, "open");
    socket.send(foreign);
    t.is((await once(socket, "close"))[0], 1008, String(foreign));
    t.deepEqual(
      types.filter((type) => type !== "session.created"),
      ["error"],
    );
  }
  t.deepEqual(heard, []);
  const other = new WebSocket(`${gateway.url}/v1/realtime`, "chat");
  other.on("error", () => {});
  const [, response] = await once(other, "unexpected-response");
  t.is(response.statusCode, 400);
});
