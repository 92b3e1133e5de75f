import { shareSandbox } from "./shared-sandbox.ts";
import { bodyOf, show } from "./support.ts";
import { test } from "./transports.ts";

const useSandbox = shareSandbox();

const counter = `export const client = ({ session }) => {
  session.count = (session.count ?? 0) + 1;
  return { content: { body: session } };
};`;

test("a session is shared by the hooks of a connection", async (t) => {
  const fixture = await useSandbox();
  await fixture.use("count", `${counter}\nexport const server = client;`);
  const { client, call } = fixture.seat("count");
  t.deepEqual(bodyOf(await client({})), { count: 1 });
  t.deepEqual(bodyOf(await call("server", "{}")), { count: 2 });
  t.deepEqual(bodyOf(await client({})), { count: 3 });
});

test("a session survives a new version and a lost isolate", async (t) => {
  const fixture = await useSandbox();
  await fixture.use("outlives", `${counter}\nexport const server = () => { for (;;); };`);
  const { client, call } = fixture.seat("outlives");
  t.deepEqual(bodyOf(await client({})), { count: 1 });
  await fixture.use("outlives", `${counter}\nexport const server = () => { for (;;); }; // two`);
  t.deepEqual(bodyOf(await client({})), { count: 2 });
  t.regex(String(show(await call("server", "{}"))), /^timeout/);
  t.deepEqual(bodyOf(await client({})), { count: 3 });
});

test("what is not plain data is a fault, and the session goes back", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "dirty",
    `export const client = ({ content, session }) => {
      session.count = (session.count ?? 0) + 1;
      if (content.body === "map") session.deep = { list: [new Map()] };
      if (content.body === "nan") session.deep = NaN;
      if (content.body === "large") session.text = "x".repeat(70_000);
      return { content: { body: session.count } };
    };`,
  );
  const { client } = fixture.seat("dirty");
  t.is(bodyOf(await client("1")), 1);
  const message =
    "verdict: `client`: expected `session.deep.list[0]` to be plain data (what JSON can hold), got a Map";
  t.is(show(await client("map")), message);
  t.is(
    show(await client("nan")),
    "verdict: `client`: expected `session.deep` to be plain data (what JSON can hold), got NaN",
  );
  t.regex(
    String(show(await client("large"))),
    /expected `session` to be at most 65536 characters of JSON, got 70/,
  );
  t.is(bodyOf(await client("2")), 2);
});
