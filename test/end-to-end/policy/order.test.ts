import test from "ava";
import { startPolicies } from "../../support/policies.ts";

/** Awaits so many turns of the microtask queue, or none at all, as the message's number has it. */
const wandering = `
  const wander = async (turns) => { for (let i = 0; i < turns; i++) await null; };
  const look = ({ content, session }, key) => {
    const message = content.json();
    const finish = () => {
      session[key] = (session[key] ?? 0) + 1;
      return { content: { body: { ...message, [key]: session[key] } } };
    };
    if (message.n % 3 === 0) return finish();
    return wander((message.n * 7) % 50).then(finish);
  };
  export const client = (context) => look(context, "c");
  export const server = (context) => look(context, "s");`;

const count = 1500;

test("messages keep their order whatever their hooks await, in both directions and through a chain", async (t) => {
  const { connect } = await startPolicies(
    t,
    { "one.ts": wandering, "two.ts": wandering.replaceAll(/"([cs])"/g, '"$12"') },
    {
      onConnection(socket) {
        socket.on("message", (data) => socket.send(data));
        for (let n = 1; n <= count; n++) socket.send(JSON.stringify({ n, own: true }));
      },
    },
  );
  const clients = await Promise.all([connect(), connect(), connect()]);
  for (const client of clients) for (let n = 1; n <= count; n++) client.send(JSON.stringify({ n }));
  for (const client of clients) {
    const messages = (await client.take(2 * count)).map((text) => JSON.parse(String(text)));
    const own = messages.filter((message) => message.own);
    const echoed = messages.filter((message) => !message.own);
    const numbers = Array.from({ length: count }, (_, i) => i + 1);
    t.deepEqual(
      own.map(({ n }) => n),
      numbers,
    );
    t.deepEqual(
      echoed.map(({ n, c, c2 }) => [n, c, c2]),
      numbers.map((n) => [n, n, n]),
    );
    const all = Array.from({ length: 2 * count }, (_, i) => i + 1);
    t.deepEqual(
      messages.map(({ s }) => s),
      all,
    );
    t.deepEqual(
      messages.map(({ s2 }) => s2),
      all,
    );
  }
});

test("pings and Close keep their place among messages whose hooks await", async (t) => {
  const { connect, arrived } = await startPolicies(t, { "one.ts": wandering }, { onConnection() {} });
  const client = await connect();
  const server = await arrived();
  const seen: string[] = [];
  server.ws.on("message", (data) => seen.push(String(JSON.parse(String(data)).n)));
  server.ws.on("ping", (data) => seen.push(`ping ${data}`));
  for (const n of [1, 2, 3, 4]) {
    client.send(JSON.stringify({ n }));
    client.ws.ping(String(n));
  }
  client.close(1000, "done");
  t.deepEqual(await server.closed, { code: 1000, reason: "done" });
  t.deepEqual(seen, ["1", "ping 1", "2", "ping 2", "3", "ping 3", "4", "ping 4"]);
});

test("a promise that never settles ends by asyncTimeout; what waits behind it goes on", async (t) => {
  const { connect, gateway } = await startPolicies(
    t,
    {
      "never.ts": `export const client = ({ content }) =>
        content.body === "never" ? new Promise(() => {}) : { content: { body: content.body + "!" } };`,
    },
    { route: { onError: "drop" }, config: { sandbox: { warmSpare: false, asyncTimeout: "200ms" } } },
  );
  const client = await connect();
  for (const text of ["one", "never", "two"]) client.send(text);
  t.deepEqual(await client.take(2), ["one!", "two!"]);
  const record = await gateway.logged(({ policy, level }) => policy === "never" && level === "error");
  t.like(record, { hook: "client", reason: "timeout" });
  t.regex(record.msg, /pending after 200 ms \(`sandbox\.asyncTimeout`\)/);
});
