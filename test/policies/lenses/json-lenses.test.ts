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
    "a name in camelCase that is nearly one": records({ ...invocation, InvocationId: "7" }),
    "a letter that is nearly one": records({ ...invocation, argumentſ: [] }),
    "more records than are read of a message": records(...Array.from({ length: 1025 }, () => ({ type: 6 }))),
    "a second handshake": records({ protocol: "json", version: 1 }),
  }))
    t.is(await endOf("client", message), 1002, what);
  const bytes = new TextEncoder().encode(records(invocation));
  t.is(await endOf("client", bytes), 1002, "bytes");
  t.is(await endOf("client", records(invocation), false), 1002, "no handshake");
  t.is(await endOf("client", records({ protocol: "messagepack", version: 1 }), false), 1002);
  t.is(await endOf("client", records({ protocol: "json", version: 3 }), false), 1008, "a handler's word");
  const late = policy.connection();
  await late.client("login");
  const handshake = records({ protocol: "json", version: 1 });
  t.is((await late.client(handshake)).body, handshake, "another policy has taken the first message");
  t.is((await late.client(records({ protocol: "messagepack", version: 1 }))).close?.code, 1002);
  const open = policy.connection();
  await open.client("before the lens");
  t.is((await open.client(records(invocation))).body, records(invocation), "a connection that was open");
  const streaming = records({ type: 4, invocationId: "1", target: "Count", arguments: [] });
  t.is(await endOf("server", streaming), 1002, "what the client alone sends");
});

test("a name that some reader takes for one of the protocol's ends the connection, wherever the protocol has names", async (t) => {
  const lenses = {
    graphqlWs: ["graphql-transport-ws", "subscribe: () => {}"],
    jsonrpc: ["", "client: { request() {}, error() {} }"],
    openaiRealtime: ["", "client: { event() {} }"],
  } as const;
  const endOf = async (lens: keyof typeof lenses, messages: readonly (readonly [object, boolean])[]) => {
    const [subprotocol, handlers] = lenses[lens];
    const policy = await loadLens(
      t,
      `import { ${lens} } from "framegate/lenses"; export default ${lens}({ ${handlers} });`,
    );
    for (const [message, passes] of messages) {
      const { close } = await policy.connection({ subprotocol }).client(message);
      t.is(close === undefined, passes, JSON.stringify(message).slice(0, 120));
    }
  };
  const subscribe = (more: object) => ({ type: "subscribe", id: "1", payload: { query: "{a}", ...more } });
  await endOf("graphqlWs", [
    [subscribe({ variables: { Query: 1 } }), true],
    [subscribe({ Query: "{b}" }), false],
    [subscribe({ OperationName: "Admin" }), false],
    [{ ...subscribe({}), Payload: {} }, false],
    [{ type: "connection_init", payload: { Query: 1 } }, true],
  ]);
  const failed = (more: object) => ({
    ...{ jsonrpc: "2.0", id: 1 },
    error: { code: 1, message: "no", ...more },
  });
  await endOf("jsonrpc", [
    [failed({ more: 1 }), true],
    [Array.from({ length: 1_024 }, () => failed({})), true],
    [Array.from({ length: 1_025 }, () => failed({})), false],
    [failed({ Message: "yes" }), false],
    [{ jsonrpc: "2.0", id: 1, method: "a", paramſ: [1] }, false],
  ]);
  const update = (more: object) => ({ type: "session.update", session: {}, ...more });
  await endOf("openaiRealtime", [
    [update({ Item: {} }), true],
    [update({ Session: {} }), false],
    [update({ event_İd: "1" }), false],
    [{ type: "new.event", Type: "session.update" }, false],
  ]);
});

const OCPP = `
  import { ocpp16 } from "framegate/lenses";

  export default ocpp16({
    BootNotification: (call) => ({ content: { body: { ...call, payload: { ...call.payload, chargePointVendor: "known" } } } }),
    async Authorize({ id, action, payload }) {
      if (payload.idTag === "blocked")
        return { drop: true, reply: [{ type: "callResult", id, action, payload: { idTagInfo: { status: "Blocked" } } }] };
    },
    AuthorizeResult: (answer) => ({ content: { body: { ...answer, payload: { idTagInfo: { status: "Accepted" } } } } }),
    GetConfigurationResult: (answer) => ({ content: { body: { ...answer, payload: {} } } }),
    client: { callError: (error) => ({ content: { body: { ...error, description: error.action } } }) },
  });`;

const TAG = { idTag: "t1" };

test("ocpp: calls by action, answers by the call that they are for, either way", async (t) => {
  const policy = await loadLens(t, OCPP);
  const connection = policy.connection({ subprotocol: "ocpp1.6" });
  const passes = async (side: "client" | "server", message: unknown) =>
    t.is((await connection[side](message)).body, JSON.stringify(message));
  await passes("client", [2, "1", "Heartbeat", {}]);
  await passes("client", [2, "2", "SecurityEventNotification", { type: "x" }]);
  await passes("client", [2, "3", "DataTransfer", { vendorId: "v" }]);
  const boot = { chargePointVendor: "v", chargePointModel: "m" };
  const changed = await connection.client([2, "4", "BootNotification", boot]);
  t.deepEqual(changed.json(), [2, "4", "BootNotification", { ...boot, chargePointVendor: "known" }]);
  const blocked = await connection.client([2, "5", "Authorize", { idTag: "blocked" }]);
  t.true(blocked.isDropped);
  t.deepEqual(blocked.replies, [JSON.stringify([3, "5", { idTagInfo: { status: "Blocked" } }])]);
  await passes("client", [2, "6", "Authorize", TAG]);
  const answered = await connection.server([3, "6", { idTagInfo: { status: "Expired" } }]);
  t.deepEqual(answered.json(), [3, "6", { idTagInfo: { status: "Accepted" } }]);
  await passes("server", [3, "1", { currentTime: "2030-01-01T00:00:00Z" }]);

  // Each side has ids of its own.
  await passes("client", [2, "7", "Authorize", TAG]);
  await passes("server", [2, "7", "GetConfiguration", {}]);
  t.deepEqual((await connection.client([3, "7", { unknownKey: ["a"] }])).json(), [3, "7", {}]);
  await passes("server", [2, "8", "Reset", { type: "Hard" }]);
  t.deepEqual((await connection.client([4, "8", "NotSupported", "", {}])).json(), [
    4,
    "8",
    "NotSupported",
    "Reset",
    {},
  ]);
  t.true((await connection.client([3, "8", {}])).isDropped, "answered already");
  t.true((await connection.server([3, "5", {}])).isDropped, "nobody has asked the server");
  t.is((await connection.server([3, "unasked", {}])).close, undefined);

  await passes("client", [2, "9", "Authorize", TAG]);
  await passes("client", [2, "9", "Authorize", TAG]);
  for (const action of ["Heartbeat", "Vendor"])
    t.is((await connection.client([2, "9", action, {}])).close?.code, 1002, "the id of a call that waits");
  const retried = await connection.server([3, "9", { idTagInfo: { status: "Expired" } }]);
  t.deepEqual(retried.json(), [3, "9", { idTagInfo: { status: "Accepted" } }]);
  await passes("client", [2, "9", "Heartbeat", {}]);

  for (let i = 0; i < 65; i++) await connection.client([2, `many-${i}`, "Authorize", TAG]);
  t.true((await connection.server([3, "many-0", {}])).isDropped, "forgotten");
  t.deepEqual((await connection.server([3, "many-1", {}])).json(), [
    3,
    "many-1",
    { idTagInfo: { status: "Accepted" } },
  ]);
});

test("ocpp: what is none ends the connection, and a call that the side does not make is told so", async (t) => {
  const policy = await loadLens(t, OCPP);
  const send = (message: unknown) => policy.connection({ subprotocol: "ocpp1.6" }).client(message);
  for (const [what, message] of Object.entries({
    "no JSON": "hello",
    "no array": { a: 1 },
    "a type that is none": [5, "1", {}],
    "an id that is no text": [2, 1, "Heartbeat", {}],
    "an id that is too long": [2, "x".repeat(37), "Heartbeat", {}],
    "no payload": [2, "1", "Heartbeat"],
    "more than a payload": [2, "1", "Heartbeat", {}, {}],
    "a payload that is a list": [2, "1", "Heartbeat", []],
    "an error without details": [4, "1", "NotSupported", ""],
    bytes: new TextEncoder().encode('[2,"1","Heartbeat",{}]'),
  })) {
    const { close, body, replies } = await send(message);
    t.deepEqual([close?.code, body, replies.length], [1002, undefined, 0], what);
  }
  for (const action of ["Reset", "Vendor", "heartbeat", "BootNotificationResult", "constructor"]) {
    const { close, replies } = await send([2, "1", action, {}]);
    t.is(close?.code, 1002, action);
    t.deepEqual(replies, ['[4,"1","NotImplemented","",{}]']);
  }
});

test("ocpp: with `foreign` other calls are answered and left out, or pass with their answers", async (t) => {
  const dropping = await loadLens(
    t,
    'import { ocpp16 } from "framegate/lenses"; export default ocpp16({}, { foreign: "drop" });',
  );
  const left = await dropping.connection({ subprotocol: "ocpp1.6" }).client([2, "1", "Vendor", {}]);
  t.deepEqual(
    [left.isDropped, left.close, left.replies],
    [true, undefined, ['[4,"1","NotImplemented","",{}]']],
  );
  const unasked = dropping.connection({ subprotocol: "ocpp1.6" });
  await unasked.client([2, "1", "Vendor", {}]);
  t.true((await unasked.server([3, "1", {}])).isDropped, "the server has not been asked");
  const passing = await loadLens(
    t,
    'import { ocpp201 } from "framegate/lenses"; export default ocpp201({}, { foreign: "pass" });',
  );
  const connection = passing.connection({ subprotocol: "ocpp2.0.1" });
  t.is((await connection.client([2, "1", "Vendor", {}])).body, '[2,"1","Vendor",{}]');
  t.is((await connection.server([3, "1", {}])).body, '[3,"1",{}]');
});

test("what a lens or a window does not know, or a value that is none, is told at the load", async (t) => {
  const cases: readonly (readonly [made: string, says: RegExp])[] = [
    [
      'jsonrpc({ client: {} }, { foriegn: "drop" })',
      /the second parameter of jsonrpc has `foriegn`: expected foreign/,
    ],
    [
      'jsonrpc({ client: {} }, { foreign: "ignore" })',
      /jsonrpc: expected `foreign` to be close, drop, pass, got "ignore"/,
    ],
    [
      'window({ from: "server", key, maxMiliseconds: 2 })',
      /window has `maxMiliseconds`: expected from, key, .*maxMilliseconds/,
    ],
    ['window({ from: "sever", key })', /window: expected `from` to be client or server, got "sever"/],
    [
      "countWindow({ key, ends: key, onEnd: key, join: key })",
      /countWindow has `join`: expected key, ends, onEnd, max/,
    ],
  ];
  for (const [made, says] of cases) {
    const text = `import * as lenses from "framegate/lenses";\nconst { jsonrpc, window, countWindow } = lenses as any;\nconst key = () => undefined;\nexport default ${made};`;
    const error = await t.throwsAsync(loadLens(t, text), { message: says }, made);
    const { frame, stack } = error as Error & { readonly frame: string };
    t.true(frame.includes(`> 4 | export default ${made}`), frame);
    t.notRegex(stack ?? "", /policies\/lenses/);
  }
});
