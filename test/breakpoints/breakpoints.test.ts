import test from "ava";
import fc from "fast-check";
import {
  type Breakpoint,
  type BreakpointOrder,
  MOST_HELD,
  PREVIEW_BYTES,
} from "../../core/breakpoints/breakpoint.ts";
import { BreakpointBook, orderBreakpoint } from "../../core/breakpoints/breakpoint-book.ts";
import { Breakpoints } from "../../core/breakpoints/breakpoints.ts";
import { advanceHeld, type HeldEvent, NOTHING_HELD } from "../../core/breakpoints/held-state.ts";
import { createMatchWatch } from "../../core/breakpoints/match-watch.ts";
import { restoreSecrets } from "../../core/breakpoints/restore-secrets.ts";
import { createFleetHoldDesk } from "../../core/fleet/desk/fleet-hold-desk.ts";
import type { HoldDesk } from "../../core/fleet/desk/hold-desk.ts";
import { createNodeHoldDesk } from "../../core/fleet/desk/node-hold-desk.ts";
import { compileRedaction, USUAL_REDACTION } from "../../core/redaction/rules.ts";
import { Deadlines } from "../../core/session/limits/deadlines.ts";
import { RouteSeats } from "../../core/session/session-seats.ts";
import { createRig } from "../session/relay/pump-rig.ts";
import { frame } from "../wire/frames.ts";

const limits = { client: { maxMessageBytes: 1_000_000 }, server: { maxMessageBytes: 1_000_000 } };
const session = { id: "s", route: "/", limits, isEnding: false, letGoAt: 0 };
const breakpoint = (more: Partial<Breakpoint> = {}): Breakpoint => ({
  ...{ id: "b", filter: "", holdMs: 30_000, createdAt: 0, expiresAt: 0 },
  ...more,
});

/** A direction of a session whose messages are held, with a clock that is moved by hand. */
async function createHolding(filter = "") {
  let now = 0;
  const deadlines = new Deadlines(() => now);
  const breakpoints = new Breakpoints({ deadlines, prefix: "w", factsOf: () => undefined });
  await breakpoints.set([breakpoint({ filter })]);
  const rig = createRig();
  const lookAnew = () => {
    const places = breakpoints.placesOf(session, "server", true);
    rig.chain = places === undefined ? [] : [places[1]];
  };
  lookAnew();
  return {
    ...{ rig, breakpoints, lookAnew },
    pass(ms: number) {
      now += ms;
      deadlines.tick();
    },
    ids: () => breakpoints.list().messages.map(({ id }) => id),
  };
}

const text = (body: string): { kind: "replace"; payload: { binary: false; bytes: Buffer } } => ({
  kind: "replace",
  payload: { binary: false, bytes: Buffer.from(body) },
});

test("what is held goes by a decision, by time, or with its breakpoint or session; what comes beyond the bounds passes and is counted", (t) => {
  const play = (...events: readonly HeldEvent[]) => {
    let state = NOTHING_HELD;
    const said: string[] = [];
    for (const event of events) {
      const next = advanceHeld(state, event);
      state = next.state;
      for (const command of next.commands)
        said.push(`${command.type} ${command.id}${command.type === "go" ? ` ${command.how.type}` : ""}`);
    }
    return { state, said };
  };
  const came = (id: string, more = {}): HeldEvent => ({
    type: "came",
    entry: { id, session: "s", breakpoint: "b", bytes: 10, keptBytes: 10, until: 5, ...more },
  });
  const { state, said } = play(
    came("1"),
    came("2", { until: 9 }),
    came("3", { session: "t", until: 9 }),
    came("4", { breakpoint: "c", until: 9 }),
    { type: "decided", id: "2", decision: { type: "drop" } },
    { type: "decided", id: "2", decision: { type: "release" } },
    { type: "time", now: 4 },
    { type: "time", now: 5 },
    { type: "ended", session: "t" },
    { type: "breakpoints", ids: new Set(["b"]) },
  );
  t.deepEqual(said, [
    "hold 1",
    "hold 2",
    "hold 3",
    "hold 4",
    "go 2 drop",
    "go 1 time",
    "go 3 ended",
    "go 4 removed",
  ]);
  t.deepEqual(state, NOTHING_HELD);

  const many = Array.from({ length: MOST_HELD }, (_, index) => came(`${index}`));
  const full = play(...many, came("more"), came("large", { bytes: 1024 * 1024 }), { type: "unread" });
  t.deepEqual(full.said.slice(-2), ["pass more", "pass large"]);
  t.deepEqual(full.state.passed, { full: 1, large: 1, unread: 1 });
  const large = Array.from({ length: 40 }, (_, index) => came(`${index}`, { keptBytes: 256 * 1024 }));
  t.is(play(...large).state.passed.full, 8);
  // Counts are of those that are set.
  t.deepEqual(play(...large, { type: "breakpoints", ids: new Set() }).state, NOTHING_HELD);
});

test("no message is lost, doubled or goes past another, whatever is held, edited, dropped, let go or ends when", async (t) => {
  const pick = fc.nat({ max: 9 });
  const act = fc.oneof(
    fc.record({ type: fc.constant("message" as const), isMeant: fc.boolean() }),
    fc.record({ type: fc.constantFrom("release" as const, "drop" as const, "edit" as const), which: pick }),
    fc.record({ type: fc.constant("pass" as const), ms: fc.nat({ max: 20_000 }) }),
    fc.record({ type: fc.constantFrom("ping" as const, "remove" as const, "set" as const, "all" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60 }), fc.boolean(), async (acts, isEnded) => {
      const { rig, breakpoints, lookAnew, pass, ids } = await createHolding("held");
      const said: string[] = [];
      const names = new Map<string, string>();
      const dropped = new Set<string>();
      const edited = new Map<string, string>();
      let pings = 0;
      for (const each of acts) {
        switch (each.type) {
          case "message": {
            const name = `${each.isMeant ? "held" : "free"} ${said.length}`;
            said.push(name);
            const before = ids().length;
            rig.receive({ opcode: 1, payload: name });
            const [id] = ids().slice(before);
            if (id !== undefined) names.set(id, name);
            break;
          }
          case "release":
          case "drop":
          case "edit": {
            const held = ids();
            const id = held[each.which % Math.max(1, held.length)];
            if (id === undefined) break;
            const name = names.get(id)!;
            if (each.type === "drop") dropped.add(name);
            if (each.type === "edit") edited.set(name, `edited ${name}`);
            const type = each.type === "edit" ? "replace" : each.type;
            const { payload } = text(`edited ${name}`);
            breakpoints.decide(id, type === "replace" ? { type, payload } : { type });
            break;
          }
          case "pass":
            pass(each.ms);
            break;
          case "ping":
            rig.receive({ opcode: 9, payload: `${pings++}` });
            break;
          case "remove":
          case "set":
            await breakpoints.set(each.type === "set" ? [breakpoint({ filter: "held" })] : []);
            lookAnew();
            break;
          case "all":
            breakpoints.releaseAll({});
        }
      }
      if (isEnded) rig.pump.receiveEnd();
      breakpoints.letGo("s");
      const sent = rig.sent();
      const expected = said
        .filter((name) => !dropped.has(name))
        .map((name) => `text:${edited.get(name) ?? name}`);
      t.deepEqual(
        sent.filter((each) => each.startsWith("text")),
        expected,
      );
      const pinged = sent.filter((each) => each.startsWith("ping"));
      t.is(new Set(pinged).size, pings);
      t.is(pinged.length, pings);
      t.is(rig.told.includes("fin"), isEnded);
    }),
    { numRuns: 300 },
  );
});

test("pings and pongs go past what is held, whole and in whatever pieces they come; what is behind waits", async (t) => {
  const { rig, breakpoints } = await createHolding();
  rig.receive({ opcode: 1, payload: "held" }, { opcode: 9, payload: "ping" });
  t.deepEqual(rig.sent(), ["ping:ping"]);
  const pong = frame({ opcode: 10, payload: "a pong" });
  for (const byte of pong) rig.receive(Buffer.from([byte]));
  // Between the fragments of the next message, too.
  rig.receive(
    { opcode: 1, fin: false, payload: "ne" },
    { opcode: 9, payload: "2" },
    { opcode: 0, payload: "xt" },
  );
  t.deepEqual(rig.sent(), ["ping:ping", "pong:a pong", "ping:2"]);
  // A ping of the gateway's own does as well, and a Close waits.
  t.true(rig.pump.ping(Buffer.from("own")));
  rig.receive({ opcode: 8, payload: Buffer.from([3, 232]) });
  t.deepEqual(rig.told, ["close received"]);
  breakpoints.letGo("s");
  t.deepEqual(rig.sent().slice(3), ["ping:own", "text:held", "text-:ne", "more:xt", "close:1000"]);
});

test("what waits behind a held message holds its sender up, and is not kept without bounds", async (t) => {
  const { rig, ids, breakpoints } = await createHolding("held");
  rig.receive({ opcode: 1, payload: "held" });
  for (let count = 0; count < 40 && !rig.pump.isFull; count++)
    rig.receive({ opcode: 1, payload: "x".repeat(10_000) });
  t.true(rig.pump.isFull);
  t.true(rig.told.includes("full"));
  breakpoints.decide(ids()[0]!, { type: "release" });
  t.false(rig.pump.isFull);
  t.is(rig.sent()[0], "text:held");
});

test("a secret is put back where its mark stands in an edited text, and an edit with other marks is not believed", (t) => {
  const rules = compileRedaction(USUAL_REDACTION);
  const original = '{"password":"hunter2","token":42,"name":"ada"}';
  const shown = rules.redactText(original);
  t.false(/hunter2|42/.test(shown));
  t.is(restoreSecrets(shown.replace("ada", "bob"), original, rules), original.replace("ada", "bob"));
  t.is(restoreSecrets('{"name":"bob"}', original, rules), '{"name":"bob"}');
  t.is(
    restoreSecrets(shown.replace("hunter2", "x").replace('"[redacted]"', '"mine"'), original, rules),
    undefined,
  );
  t.is(restoreSecrets("[redacted] [redacted]", original, rules), undefined);
  t.is(restoreSecrets("[redacted]", "nothing to hide", rules), undefined);
});

test("a secret that an edit would take to another place is not put back, for readers or another field would get it", (t) => {
  const rules = compileRedaction(USUAL_REDACTION);
  const edit = (original: string, edited: string) => restoreSecrets(edited, original, rules);
  const ada = '{"user":"ada","password":"hunter2secret"}';
  t.is(edit(ada, '{"note":"[redacted]"}'), undefined);
  t.is(edit(ada, '{"password":"[redacted] and more"}'), undefined);
  t.is(edit(ada, '{"password":{"of":"[redacted]"}}'), undefined);
  t.is(edit(ada, '{"new":{"password":"[redacted]"}}'), undefined);
  t.is(edit(ada, "[redacted]"), undefined);
  const both = '{"password":"hunter2secret","token":"tok-999"}';
  t.is(edit(both, '{"token":"[redacted]","password":"[redacted]"}'), undefined);
  t.is(edit("password=one token=two", "token=[redacted] password=[redacted]"), undefined);
  // What was added may hide secrets of its own.
  t.is(edit(ada, '{"password":"[redacted]","token":"mine"}'), '{"password":"hunter2secret","token":"mine"}');
  t.is(edit("a=1&password=one&b=2", "a=3&c=4&password=[redacted]"), "a=3&c=4&password=one");
  t.is(
    edit("Authorization: Bearer abcdefgh\nx", "Authorization: [redacted]\ny"),
    "Authorization: Bearer abcdefgh\ny",
  );
  const event = '42["login",{"user":"ada","token":["a"],"list":[{"pwd":"b"},{"pwd":true}]}]';
  t.is(edit(event, rules.redactText(event).replace("ada", "bob, [{")), event.replace("ada", "bob, [{"));
  const [one, two] = ['{"user":"ada","pwd":"[redacted]"}', '{"pwd":"[redacted]"}'];
  t.is(edit('[{"pwd":"a"},{"pwd":"b"}]', `[${one},${two}]`), '[{"user":"ada","pwd":"a"},{"pwd":"b"}]');
});

test("a session that ends has no place, is not counted as one that cannot be held, and is not by what is set then", async (t) => {
  const { breakpoints } = await createHolding();
  const seats = (id: string) =>
    new RouteSeats({
      sandbox: { exports: () => undefined, seat: () => t.fail() as never },
      route: { chain: [], epoch: 1 },
      ...{ id, context: "", types: {} as never, holding: breakpoints, name: "/" },
      deflate: { client: SHARED, server: SHARED },
    });
  const [asked, silent] = [seats("asked"), seats("silent")];
  asked.chain("client");
  t.is(breakpoints.list().unreadable, 1);
  for (const each of [asked, silent]) {
    each.letGo();
    each.chain("server");
  }
  t.is(breakpoints.list().unreadable, 0);
  // Its chain was asked for already, and is made anew.
  t.is(breakpoints.placesOf({ ...session, isEnding: true }, "client", false), undefined);
  t.is(breakpoints.list().unreadable, 0);
});

const CONTEXT = { noContextTakeover: false, windowBits: 15 };
const SHARED = { client: CONTEXT, server: CONTEXT };

test("a breakpoint that workers or one of the machines do not take is set nowhere, and each removes it by its own clock", async (t) => {
  const order = orderBreakpoint({ filter: "", holdMs: 1000, forMs: 60_000 });
  const nodeOf = (book: BreakpointBook) =>
    createNodeHoldDesk({
      book,
      workers: {
        held: async () => NOTHING,
        decideHeld: async () => ({ outcome: "gone" }),
        releaseHeld: async () => 0,
      },
      ...{ rules: compileRedaction(USUAL_REDACTION), node: "" },
    });
  const untold = new BreakpointBook(async () => {
    throw new Error("no worker");
  });
  await t.throwsAsync(untold.set(order), { message: "no worker" });
  t.deepEqual(untold.read(), []);

  const books = [0, 1, 2].map(() => new BreakpointBook(async () => {}));
  t.teardown(() => {
    for (const book of books) book.close();
  });
  const [own, ...others] = books.map(nodeOf) as [HoldDesk, ...HoldDesk[]];
  const desk = createFleetHoldDesk({
    own,
    async ask(name: string, args: never) {
      const order: BreakpointOrder = args;
      const said = others.map(async (other, index) => {
        const value = await (name === "setBreakpoint" ? other.set(order) : other.remove(order.id));
        return { node: `${index}`, value };
      });
      return { answers: (await Promise.all(said)) as never, unanswered: [] };
    },
  });
  t.true((await desk.set(order)).done);
  t.deepEqual(
    books.map((book) => book.read().map(({ id }) => id)),
    [[order.id], [order.id], [order.id]],
  );
  await desk.remove(order.id);
  for (let count = 0; count < 20; count++)
    await books[2]!.set(orderBreakpoint({ filter: "", holdMs: 1000, forMs: 60_000 }));
  t.false((await desk.set(order)).done);
  t.deepEqual(
    books.map((book) => book.read().length),
    [0, 0, 20],
  );
});

test("of a list of held messages each is cut behind what is hidden: half of a secret does not stand at its end", async (t) => {
  const rules = compileRedaction({
    ...USUAL_REDACTION,
    patterns: [{ pattern: "sk-[a-z0-9]{20}", flags: "" }],
  });
  const text = `${"x".repeat(1_010)} sk-${"a1".repeat(10)} ${"y".repeat(9_000)}`;
  const message = { id: "m", leftMs: 1, original: undefined };
  const desk = createNodeHoldDesk({
    book: new BreakpointBook(async () => {}),
    workers: {
      async held(id) {
        const bytes = Buffer.from(text).subarray(0, id === undefined ? PREVIEW_BYTES : undefined);
        const payload = { binary: false, bytes, length: text.length };
        return { ...NOTHING, messages: [{ ...message, payload }] } as never;
      },
      decideHeld: async () => ({ outcome: "gone" }),
      releaseHeld: async () => 0,
    },
    ...{ rules, node: "" },
  });
  const [listed] = (await desk.read()).messages;
  t.like(listed?.payload, { redactions: 1, isCut: true });
  t.is(listed?.payload.data.length, 1024);
  t.false(listed?.payload.data.includes("sk-a1"));
  const [whole] = (await desk.read("m")).messages;
  t.is(whole?.payload.data, text.replace(/sk-\w+/, "[redacted]"));
});

const NOTHING = { messages: [], passed: { full: 0, large: 0, unread: 0 }, unreadable: 0 };
test("a filter that takes too much of a worker's time does not match, and that is counted", (t) => {
  let now = 0;
  const watch = createMatchWatch(() => now);
  const take = (ms: number) => () => {
    now += ms;
    return true;
  };
  t.true(watch.matches(take(60)));
  t.false(watch.matches(take(0)), "its time in this second is over");
  now = 1_000;
  t.true(watch.matches(take(0)));
  t.false(watch.matches(() => undefined));
  t.false(
    watch.matches(() => {
      throw new Error("too long");
    }),
  );
  t.is(watch.slow, 3);
});
