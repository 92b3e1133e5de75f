import test from "ava";
import { loadLens } from "./support.ts";

const END = "\u001e";
const records = (...values: readonly (object | string)[]) =>
  values.map((value) => (typeof value === "string" ? value : JSON.stringify(value)) + END).join("");

const SIGNALR = `
  import { signalr } from "framegate/lenses";

  export default signalr({
    handshakeRequest: ({ version }) => (version > 2 ? { close: { code: 1008 } } : undefined),
    streamInvocation: (message) => ({ content: { body: { ...message, arguments: ["changed"] } } }),
    client: {
      async invocation(message) {
        await undefined;
        if (message.target === "Drop")
          return { drop: true, reply: [{ type: 3, invocationId: message.invocationId ?? "", error: "no" }] };
        if (message.target === "Change") return { content: { body: { ...message, target: "Changed" } } };
      },
    },
    server: { completion: (message) => ({ content: { body: { ...message, result: "hidden" } } }) },
  });`;

test("signalr: a handshake first, several records in a message, those that are not changed as they came", async (t) => {
  const policy = await loadLens(t, SIGNALR);
  const connection = policy.connection();
  const invocation = (target: string, more: object = {}) => ({ type: 1, target, arguments: [1], ...more });
  const precise = '{"type":1, "target":"Keep","arguments":[12345678901234567890]}';
  const first = records({ protocol: "json", version: 1 }, precise);
  t.is((await connection.client(first)).body, first);
  const { body, replies } = await connection.client(
    records(precise, invocation("Drop", { invocationId: "7" }), invocation("Change"), { type: 6 }),
  );
  t.is(body, records(precise, invocation("Changed"), { type: 6 }));
  t.deepEqual(replies, [records({ type: 3, invocationId: "7", error: "no" })]);
  const streamed = await connection.client(
    records({ type: 4, invocationId: "8", target: "Count", arguments: [] }, { type: 5, invocationId: "8" }),
  );
  t.is(
    streamed.body,
    records(
      { type: 4, invocationId: "8", target: "Count", arguments: ["changed"] },
      { type: 5, invocationId: "8" },
    ),
  );
  const answer = { type: 3, invocationId: "9", result: "secret" };
  const answered = await connection.server(records({}, answer, { type: 2, invocationId: "8", item: 1 }));
  t.is(answered.body, records({}, { ...answer, result: "hidden" }, { type: 2, invocationId: "8", item: 1 }));
});

test("signalr: what is none, what the other side alone sends, and another protocol end the connection", async (t) => {
  const policy = await loadLens(t, SIGNALR);
  const invocation = { type: 1, target: "Keep", arguments: [] };
  const endOf = async (side: "client" | "server", message: string | Uint8Array, isBegun = true) => {
    const connection = policy.connection();
    if (isBegun) await connection[side](records(side === "client" ? { protocol: "json", version: 1 } : {}));
    const { close, body } = await connection[side](message);
    t.is(body, undefined);
    return close?.code;
  };
  for (const [what, message] of Object.entries({
    "a record that is cut": JSON.stringify(invocation),
    "no JSON": records("hello"),
    "an empty record": records(""),
    "no type": records({ target: "Keep", arguments: [] }),
    "a type that is none": records({ ...invocation, type: 10 }),
    "a type in words": records({ ...invocation, type: "1" }),
    "no target": records({ type: 1, arguments: [] }),
    "no list of arguments": records({ type: 1, target: "Keep", arguments: {} }),
    "a stream without an id": records({ type: 4, target: "Count", arguments: [] }),
    "a name that is nearly one": records({ ...invocation, Target: "Drop" }),
    "a second handshake": records({ protocol: "json", version: 1 }),
  }))
    t.is(await endOf("client", message), 1002, what);
  const bytes = new TextEncoder().encode(records(invocation));
  t.is(await endOf("client", bytes), 1002, "bytes");
  t.is(await endOf("client", records(invocation), false), 1002, "no handshake");
  t.is(await endOf("client", records({ protocol: "messagepack", version: 1 }), false), 1002);
  t.is(await endOf("client", records({ protocol: "json", version: 3 }), false), 1008, "a handler's word");
  const streaming = records({ type: 4, invocationId: "1", target: "Count", arguments: [] });
  t.is(await endOf("server", streaming), 1002, "what the client alone sends");
});
