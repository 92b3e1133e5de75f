import { startSandbox } from "./support.ts";
import { test } from "./transports.ts";

test("log lines carry level, policy, route and session", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use(
    "talker",
    `console.warn("loading");
    export const client = async ({ log }) => {
      console.log("text", 1, { a: [true, null, undefined], f() {} }, new Error("x").message, new Map([[1, new Set([2])]]));
      await null;
      log.error("after");
    };`,
  );
  await fixture.seat("talker", { id: "s7" }).client({});
  const lines = fixture.events.flatMap((event) => (event.type === "log" ? [event.line] : []));
  const common = { policy: "talker", route: "/chat", session: "s7" };
  t.deepEqual(lines, [
    { level: "warn", policy: "talker", route: "", session: "", text: "loading" },
    {
      ...common,
      level: "info",
      text: "text 1 { a: [true, null, undefined], f: [Function f] } x Map(1) {1 => Set(1) {2}}",
    },
    { ...common, level: "error", text: "after" },
  ]);
});

test("lines of a call are told before what came of it: a seat that is closed at once has them still", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use("talker", "export const client = ({ log, content }) => { log.info(content.body); };");
  const { client, seat } = fixture.seat("talker", { id: "s8", contentType: "text/plain" });
  await client("first");
  const second = client("second");
  seat.close();
  await second;
  const lines = fixture.events.flatMap((event) => (event.type === "log" ? [event.line] : []));
  const common = { level: "info", policy: "talker", route: "/chat", session: "s8" };
  t.deepEqual(lines, [
    { ...common, text: "first" },
    { ...common, text: "second" },
  ]);
});

test("more than 100 lines a second are counted, not written", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use(
    "talker",
    "export const client = () => { for (let i = 0; i < 50; i++) console.log(i); };",
  );
  const { client } = fixture.seat("talker");
  for (let n = 0; n < 5; n++) await client({});
  const { line } = await fixture.event("log", (event) => event.line.level === "warn");
  t.is(line.text, "150 more log lines of this policy were dropped: it may write 100 a second");
  t.is(fixture.events.filter((event) => event.type === "log").length, 101);
});
