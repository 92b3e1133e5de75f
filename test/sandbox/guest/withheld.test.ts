import fc from "fast-check";
import { nearlyWritten, writtenName, writtenObject } from "../message/json-texts.ts";
import { shareSandbox } from "../shared-sandbox.ts";
import { bodyOf, faultOf, show } from "../support.ts";
import { test } from "../transports.ts";

const useSandbox = shareSandbox();

/** Hooks that are called without the bodies of their messages. */
const blind = (source: string) => `
  export const when = { client: { body: false }, server: { body: false } };
  ${source}`;

test("all but the body is there", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "tells",
    blind(`const tell = ({ content, frame, session }) => {
      session.seen = (session.seen ?? 0) + 1;
      return { reply: [JSON.stringify({ type: content.type, keys: Object.keys(content), ...frame, time: 0, seen: session.seen })] };
    };
    export { tell as client, tell as server };`),
  );
  const { client, call } = fixture.seat("tells", { contentType: "text/plain" });
  const keys = ["body", "type", "json"];
  const told = async (outcome: ReturnType<typeof call>) => {
    const { reply } = show(await outcome) as { reply: [string] };
    return JSON.parse(reply[0]);
  };
  const common = { type: "text/plain", keys, time: 0 };
  t.deepEqual(await told(client("héllo")), {
    ...common,
    ...{ origin: "client", opcode: "text", length: 6, sequence: 1, seen: 1 },
  });
  t.deepEqual(await told(call("server", Uint8Array.of(1, 2))), {
    ...common,
    ...{ origin: "server", opcode: "binary", length: 2, sequence: 1, seen: 2 },
  });
  t.deepEqual(await told(client("")), {
    ...common,
    ...{ origin: "client", opcode: "text", length: 0, sequence: 2, seen: 3 },
  });
});

for (const [reads, what] of [
  ["content.body", "body"],
  ["content.json()", "json()"],
  ["({ ...content })", "body"],
  ["JSON.stringify(content)", "body"],
  ["Object.entries(content)", "body"],
] as const) {
  test(`\`${reads}\` of a message whose body is withheld is a fault that says why`, async (t) => {
    const fixture = await useSandbox();
    const name = `reads-${reads}`.replace(/\W/g, "-");
    await fixture.use(
      name,
      blind(`export const client = ({ content }) => { ${reads}; };\nexport const server = client;`),
    );
    const { call } = fixture.seat(name);
    for (const hook of ["client", "server"] as const) {
      const { reason, message, stack } = faultOf(await call(hook, "{}"));
      t.is(reason, "throw");
      t.is(
        message,
        `\`${hook}\` threw TypeError: \`content.${what}\` is not here, for \`when.${hook}.body\` is false: remove that where \`${hook}\` reads bodies (opcode and length are in \`frame\`)`,
      );
      t.regex(stack, /reads-.*\.ts:3/);
    }
  });
}

test("what is logged of such a message says all else", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "logs",
    blind("export const client = ({ content }) => console.log(content);\nexport const server = client;"),
  );
  await fixture.seat("logs", { contentType: "text/plain" }).client("x");
  const { line } = await fixture.event("log", ({ line: { policy } }) => policy === "logs");
  t.is(line.text, '{ body: [value that cannot be shown], type: "text/plain", json: [Function json] }');
});

test("nothing can be left in what messages share", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "writes",
    blind(`export const server = () => {};
    export const client = ({ content }) => {
      const { get } = Object.getOwnPropertyDescriptor(content, "body");
      const reply = [content, content.json, get].map((value) => {
        try { value.left = 1; return "written"; } catch { return "frozen"; }
      });
      try { content.body = "mine"; reply.push("written"); } catch { reply.push("frozen"); }
      return { reply };
    };`),
  );
  t.deepEqual(show(await fixture.seat("writes").client("x")), {
    reply: ["frozen", "frozen", "frozen", "frozen"],
  });
});

const VERDICTS: readonly (readonly [verdict: string, of: string | Uint8Array])[] = [
  ["undefined", "x"],
  ["({ content: { set: { b: 1 } } })", '{"a": 2}'],
  ["({ content: { set: { b: 1 } } })", "[]"],
  ["({ content: { set: { b: 1 } } })", Uint8Array.of(123, 125)],
  ['({ content: { remove: ["a"] } })', '{"a": 2}'],
  ['({ content: { remove: ["a"] }, close: { code: 1000 } })', '{"a": 2}'],
  ['({ content: { body: "new" } })', "old"],
  ["({ content: { body: { a: 1 } } })", "old"],
  ["({ content: { body: { a: 1 } } })", Uint8Array.of(1)],
  ["({ content: { body: Uint8Array.of(7) } })", "old"],
  ["({ drop: true })", "x"],
  ['({ reply: ["r", { a: 1 }], append: [Uint8Array.of(9), [1]] })', "x"],
  ["({ reply: [{ a: 1 }], append: [[1]] })", Uint8Array.of(5)],
  ['({ close: { code: 3000, reason: "no" } })', "x"],
  ["({ content: {} })", "x"],
  ["Promise.resolve().then(() => ({ content: { set: { b: 1 } } }))", '{"a": 2}'],
];

test("a verdict is the same as that of a hook that is given the body", async (t) => {
  const fixture = await useSandbox();
  const hook = `export const client = ({ frame }) => [${VERDICTS.map(([verdict]) => `() => ${verdict}`)}][frame.sequence - 1]();`;
  await fixture.use("sees-it", hook);
  await fixture.use("does-not", blind(`${hook}\nexport const server = () => {};`));
  const [seeing, unseeing] = [fixture.seat("sees-it"), fixture.seat("does-not")];
  for (const [verdict, body] of VERDICTS) {
    const seen = show(await seeing.call("client", body));
    t.deepEqual(show(await unseeing.call("client", body)), seen, verdict);
  }
});

const edits = fc
  .record({
    set: fc.dictionary(fc.constantFrom("a", "b", "type", "é"), fc.jsonValue()),
    remove: fc.subarray(["c", "", "user"]),
  })
  .map((edit) => JSON.stringify(edit));

test("property: what is set and removed without the body is what is with it, of messages in one batch", async (t) => {
  const fixture = await useSandbox();
  const hook = `export const server = ({ content, session }) => {};
    export const client = ({ options, frame }) => ({ content: JSON.parse(options.edits[frame.sequence - 1]) });`;
  await fixture.use("edits-it", hook);
  await fixture.use("edits-unseen", blind(hook));
  const message = nearlyWritten(writtenObject(writtenName("a", "b", "c", "type")).map(({ text }) => text));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(message, edits), { minLength: 1, maxLength: 12 }), async (cases) => {
      const options = { edits: cases.map(([, edit]) => edit) };
      const ask = async (policy: string) => {
        const { client, seat } = fixture.seat(policy, { options });
        const outcomes = await Promise.all(cases.map(([text]) => client(text)));
        seat.close();
        return outcomes.map(show);
      };
      t.deepEqual(await ask("edits-unseen"), await ask("edits-it"));
    }),
    { numRuns: 60 },
  );
});

test("messages with bodies and without come to one isolate in one batch", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "half",
    `export const when = { client: { body: false } };
     export const client = ({ frame }) => ({ content: { body: { length: frame.length } } });
     export const server = ({ content }) => ({ content: { body: { body: typeof content.body === "string" ? content.body : [...content.body] } } });`,
  );
  const { call } = fixture.seat("half");
  const bodies = ["a", Uint8Array.of(1, 2, 3), "é", Uint8Array.of(4), "", "end"] as const;
  const outcomes = await Promise.all(bodies.flatMap((body) => [call("client", body), call("server", body)]));
  const expected = bodies.flatMap((body) => [
    { length: Buffer.byteLength(body) },
    { body: typeof body === "string" ? body : [...body] },
  ]);
  t.deepEqual(outcomes.map(bodyOf), expected);
});
