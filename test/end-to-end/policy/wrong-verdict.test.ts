import test from "ava";
import { listen } from "../../support/policies.ts";
import { sharePolicies } from "../../support/shared-policies.ts";

const start = sharePolicies();

type WrongVerdicts = Readonly<Record<string, readonly [verdict: string, says: RegExp]>>;

/** What a hook may wrongly return, and what the log says about it. */
const wrongContents: WrongVerdicts = {
  text: ['"hello"', /the verdict to be an object.*got "hello"/],
  number: ["7", /the verdict to be an object.*got 7/],
  list: ["[]", /the verdict to be an object/],
  instance: ["new (class Order {})()", /the verdict to be a plain object/],
  map: ["new Map()", /the verdict to be a plain object/],
  "a key that is none": ['{ body: "x" }', /got the key `body`/],
  "a key of upgrade": ['{ connect: "ws://x" }', /got the key `connect`/],
  "content as text": ['{ content: "x" }', /`content` to be an object with body/],
  "content with a wrong key": ['{ content: { text: "x" } }', /`content` to have only body.*`text`/],
  "content without body": ["{ content: {} }", /`content\.body` to be/],
  "set of a text": ["{ content: { set: { a: 1 } } }", /the message to be a JSON object/],
  "set of a function": ["{ content: { set: { a: () => 1 } } }", /`content\.set\.a` to be/],
  "set beside body": ['{ content: { set: { a: 1 }, body: "x" } }', /either `body`, or `set` and `remove`/],
  "remove as text": ['{ content: { remove: "a" } }', /`content\.remove` to be an array of names/],
  "body as function": ["{ content: { body: () => 1 } }", /`content\.body` to be/],
  "body as symbol": ['{ content: { body: Symbol("s") } }', /`content\.body` to be/],
  "body as bigint": ["{ content: { body: 1n } }", /`content\.body`/],
  "body in a circle": ["{ content: { body: circle } }", /`content\.body`.*JSON/],
  "body too large": [
    '{ content: { body: "x".repeat(2 ** 20 + 1) } }',
    /`content\.body` to be at most 1048576/,
  ],
};

const wrongActions: WrongVerdicts = {
  drop: ['{ drop: "yes" }', /`drop` to be true or false, got "yes"/],
  reply: ['{ reply: "x" }', /`reply` to be an array/],
  "an item of reply": ["{ reply: [1, undefined] }", /`reply\[1\]` to be/],
  append: ["{ append: {} }", /`append` to be an array/],
  close: ["{ close: 1000 }", /`close` to be an object with code, reason or rule/],
  "close without code": ['{ close: { reason: "x" } }', /`close\.code` to be/],
  "close code that never travels": ["{ close: { code: 1006 } }", /`close\.code` to be.*got 1006/],
  "close code out of range": ["{ close: { code: 5000 } }", /`close\.code` to be.*got 5000/],
  "close reason": ["{ close: { code: 1000, reason: 7 } }", /`close\.reason` to be a string/],
  "close reason too long": [
    '{ close: { code: 1000, reason: "é".repeat(62) } }',
    /`close\.reason` to be at most 123 bytes.*got 124/,
  ],
  session: ["(session.f = () => 1, undefined)", /`session/],
};

const wrong = { ...wrongContents, ...wrongActions };

/** Of all routes here: what a policy may say is bound by the largest of its gateway. */
const maxMessageSize = "1MiB";

const policy = `
  const circle = {};
  circle.circle = circle;
  const verdicts = { ${Object.entries(wrong)
    .map(
      ([name, [verdict]]) =>
        `${JSON.stringify(name)}: (session) => ${verdict.startsWith("{") ? `(${verdict})` : verdict}`,
    )
    .join(",\n")} };
  export const client = ({ content, session }) => verdicts[content.body]?.(session);`;

for (const [part, verdicts] of Object.entries({ content: wrongContents, action: wrongActions })) {
  // Each a name of its own: the log has so many faults of a policy and no more.
  const name = `wrong-${part}`;
  test(`each wrong ${part} is a fault that names the key; with onError "drop" the message is dropped`, async (t) => {
    const { connect, gateway, route } = await start(
      t,
      { [`${name}.ts`]: policy },
      { route: { onError: "drop", maxMessageSize } },
    );
    const client = await connect();
    for (const [verdict, [, says]] of Object.entries(verdicts)) {
      client.send(verdict);
      client.send(`after ${verdict}`);
      t.is(await client.next(), `after ${verdict}`);
      const record = await gateway.logged(({ msg, policy }) => policy === name && says.test(msg));
      t.like(record, { level: "error", policy: name, hook: "client", reason: "verdict", route }, verdict);
      t.regex(record.msg, /^`client`: /);
      t.is(typeof record.session, "string");
    }
  });
}

test('with onError "pass" the message goes on as it came', async (t) => {
  const { connect } = await start(t, { "wrong.ts": policy }, { route: { onError: "pass", maxMessageSize } });
  const client = await connect();
  for (const name of Object.keys(wrong)) client.send(name);
  t.deepEqual(await client.take(Object.keys(wrong).length), Object.keys(wrong));
});

test("by default both legs are closed with 1011, after what came before", async (t) => {
  const { connect, arrived, gateway } = await start(
    t,
    { "wrong.ts": policy },
    { route: { maxMessageSize }, onConnection: listen },
  );
  const client = await connect();
  const server = await arrived();
  for (const text of ["before", "drop", "behind"]) client.send(text);
  t.is(await server.next(), "before");
  t.deepEqual(await client.closed, { code: 1011, reason: "internal error" });
  t.deepEqual(await server.closed, { code: 1011, reason: "internal error" });
  t.deepEqual(server.left, []);
  t.like(await gateway.logged(({ msg }) => msg === "session ended"), {
    initiator: "gateway",
    code: 1011,
    cause: "policy-fault",
  });
});

test("a wrong verdict of an upgrade hook is a 500 that names the key in the log only", async (t) => {
  const wrongUpgrades: Readonly<Record<string, readonly [string, RegExp]>> = {
    content: ['{ content: { body: "x" } }', /got the key `content`/],
    connect: ['{ connect: "ftp://x" }', /`connect` to be an http, https, ws or wss URL/],
    status: ["{ reject: { status: 200 } }", /`reject\.status` to be a whole number from 300 to 599, got 200/],
    attributes: ["{ attributes: { f: () => 1 } }", /`?attributes/],
    headers: ['{ headers: { "x y": "1" } }', /a header name in `headers`/],
    lines: ['{ responseHeaders: { x: "a\\r\\nb" } }', /`responseHeaders\.x` to be without line breaks/],
    subprotocol: ['{ subprotocol: "a b" }', /`subprotocol` to be a token/],
    contentType: ['{ contentType: "json" }', /`contentType` to be a MIME type/],
    expires: ['{ expires: "soon" }', /`expires` to be a time/],
  };
  const { connect, gateway } = await start(
    t,
    {
      "wrong-upgrade.ts": `export const upgrade = ({ request }) => ({ ${Object.entries(wrongUpgrades)
        .map(([name, [verdict]]) => `${name}: ${verdict}`)
        .join(",\n")} })[request.query.as];`,
    },
    { route: { maxMessageSize } },
  );
  for (const [name, [, says]] of Object.entries(wrongUpgrades)) {
    await t.throwsAsync(connect(`/?as=${name}`), { message: /500/ }, name);
    t.like(await gateway.logged(({ msg }) => says.test(msg)), { hook: "upgrade", reason: "verdict" }, name);
  }
});
