import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import { shareSandbox } from "./shared-sandbox.ts";
import { bodyOf, show, startSandbox } from "./support.ts";
import { test } from "./transports.ts";

const useSandbox = shareSandbox();

test("calls of one hook start, and settle, in the order they were submitted, whatever they await", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "order",
    `let started = 0;
    export const client = async ({ content }) => {
      const start = ++started;
      const { turns } = content.json();
      for (let i = 0; i < turns; i++) await null;
      return { content: { body: { start, started } } };
    };`,
  );
  const { client } = fixture.seat("order");
  const settled: number[] = [];
  const calls = [5, 0, 3, 1, 0].map((turns, i) =>
    client({ turns }).then((outcome) => {
      settled.push(i);
      return bodyOf(outcome);
    }),
  );
  t.deepEqual(
    await Promise.all(calls),
    [1, 2, 3, 4, 5].map((n) => ({ start: n, started: n })),
  );
  t.deepEqual(settled, [0, 1, 2, 3, 4]);
});

test("a pending call holds up neither another connection nor the other direction", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "gate",
    `let open;
    const gate = new Promise((resolve) => { open = resolve; });
    export const client = async ({ content }) => { await gate; return { content: { body: content.body } }; };
    export const server = () => { open(); };`,
  );
  const first = fixture.seat("gate");
  const second = fixture.seat("gate");
  const settled: string[] = [];
  const note = (name: string) => (outcome: Outcome) => {
    settled.push(name);
    return outcome;
  };
  const waiting = [first.client("1").then(note("first 1")), first.client("2").then(note("first 2"))];
  await second.call("server", "open").then(note("server"));
  t.deepEqual((await Promise.all(waiting)).map(show), [{ body: "1" }, { body: "2" }]);
  t.deepEqual(settled, ["server", "first 1", "first 2"]);
});

test("texts keep their borders, ASCII or not, and binary keeps its bytes", async (t) => {
  const fixture = await useSandbox();
  await fixture.use("echo", "export const client = ({ content }) => ({ content: { body: content.body } });");
  const seats = [fixture.seat("echo"), fixture.seat("echo")];
  const texts = [
    "plain",
    "żółć",
    "",
    "😀",
    "a\u0000b",
    "日本語 and more",
    "é".repeat(5000),
    "x".repeat(70_000),
    "end",
  ];
  const calls: Promise<Outcome>[] = [];
  const expected: unknown[] = [];
  for (const { client, call } of seats) {
    for (const text of texts) {
      calls.push(client(text));
      expected.push({ body: text });
      const bytes = Uint8Array.from(Buffer.from(text)).map((byte) => byte ^ 0xff);
      calls.push(call("client", bytes));
      expected.push({ body: [...bytes] });
    }
  }
  t.deepEqual((await Promise.all(calls)).map(show), expected);
});

test("a binary message of no bytes, alone, is one", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "empty",
    `export const client = ({ content, frame }) => {
      return { content: { body: frame.opcode + " " + content.body.length } };
    };`,
  );
  t.deepEqual(show(await fixture.seat("empty").call("client", new Uint8Array(0))), { body: "binary 0" });
});

test("thousands of calls at once come back in order", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use(
    "many",
    "export const client = ({ content }) => ({ content: { body: content.json() * 2 } });",
  );
  const connections = Array.from({ length: 10 }, () => fixture.seat("many"));
  const seen: number[][] = connections.map(() => []);
  await Promise.all(
    connections.flatMap(({ client }, c) =>
      Array.from({ length: 2000 }, (_, i) =>
        client(i).then((outcome) => seen[c]?.push(bodyOf(outcome) as number)),
      ),
    ),
  );
  for (const numbers of seen) {
    t.deepEqual(
      numbers,
      Array.from({ length: 2000 }, (_, i) => i * 2),
    );
  }
  t.is(fixture.sandbox.pendingBytes, 0);
});
