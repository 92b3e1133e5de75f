import { setImmediate as immediate } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import { type BookedSession, SessionBook } from "../../core/engine/session-book.ts";
import { readPlace, wordPlace } from "../../core/engine/session-place.ts";
import { collectGarbage } from "../support/garbage.ts";
import { accepted, sessionEnd } from "./booking.ts";

const none = { client: 0, server: 0 };
/** A session that has carried so much. */
function sessionOf(id: string, route: string, client = 0, server = 0) {
  const calls: string[] = [];
  const session = {
    id,
    route,
    traffic: { messages: { client, server }, bytes: { client: client * 10, server: server * 10 } },
    bufferedBytes: none,
    ageMs: 0,
    recycleSpreadMs: undefined,
    policies: [],
    tell: () => calls.push("tell"),
    say: () => "sent" as const,
    ...{ held: 0, isHoldable: true },
    close: () => calls.push("close"),
    destroy: () => calls.push("destroy"),
    relieve: () => calls.push("relieve"),
    renew: async () => "no-hook" as const,
    review: () => calls.push("review"),
    tellTo() {},
  };
  return Object.assign(session satisfies BookedSession, { calls });
}

const list = (book: SessionBook, id: string) => book.list({ filter: { id }, limit: 1 });

function end(book: SessionBook, session: BookedSession) {
  return book.end(session.id, sessionEnd(session.traffic));
}

test("what is open and what has ended are one sum a route", (t) => {
  const book = new SessionBook();
  const [a, b, c] = [sessionOf("1", "/a", 2, 1), sessionOf("2", "/a", 3), sessionOf("3", "/b", 1)] as const;
  for (const session of [a, b, c]) book.add(session, accepted);
  b.bufferedBytes = { client: 5, server: 7 };
  end(book, a);
  end(book, c);
  t.deepEqual(book.traffic(), [
    {
      route: "/a",
      sessions: 1,
      messages: { client: 5, server: 1 },
      bytes: { client: 50, server: 10 },
      bufferedBytes: { client: 5, server: 7 },
    },
    {
      route: "/b",
      sessions: 0,
      messages: { client: 1, server: 0 },
      bytes: { client: 10, server: 0 },
      bufferedBytes: none,
    },
  ]);
});

test("who looks for a session finds it until it has ended", (t) => {
  const book = new SessionBook();
  const session = sessionOf("1", "/a", 1);
  book.add(session, accepted);
  t.is(book.find("1"), session);
  t.like(list(book, "1").sessions[0], {
    id: "1",
    route: "/a",
    path: "/a?x=1",
    client: "127.0.0.1:1",
    server: "ws://a",
    subprotocol: "chat",
    extensions: "permessage-deflate",
    messages: { client: 1, server: 0 },
    attributes: { user: "ada" },
  });
  end(book, session);
  t.is(book.find("1"), undefined);
  t.deepEqual(
    [book.list(), list(book, "1")],
    [
      { sessions: [], total: 0, left: 0 },
      { sessions: [], total: 0, left: 0 },
    ],
  );
  t.deepEqual([...book.sessions()], []);
});

test("a session that has ended is let go of, though somebody still goes through those that are open", async (t) => {
  const book = new SessionBook();
  const add = (id: string): WeakRef<BookedSession> => {
    const session = sessionOf(id, "/a");
    book.add(session, accepted);
    return new WeakRef(session);
  };
  add("1");
  const second = add("2");
  const sessions = book.sessions()[Symbol.iterator]();
  t.is(sessions.next().value?.id, "1");
  for (let n = 3; n <= 1000; n++) add(`${n}`);
  book.end("2", sessionEnd());
  await immediate();
  collectGarbage();
  t.is(second.deref(), undefined);
  t.is(sessions.next().value?.id, "3");
});

test("all pages together are all sessions, each once, whatever comes and ends between them", (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.array(fc.nat(3), { maxLength: 20 }), (limit, ends) => {
      const book = new SessionBook();
      const stay = Array.from({ length: 25 }, (_, index) => sessionOf(`s${(index * 7) % 25}`, "/a"));
      const gone = ends.map((_, index) => sessionOf(`e${index}`, "/a"));
      for (const session of [...stay, ...gone]) book.add(session, accepted);
      const seen: string[] = [];
      let page = book.list({ filter: {}, limit });
      for (const [index, session] of gone.entries()) if (ends[index] === 0) end(book, session);
      while (page.sessions.length > 0) {
        seen.push(...page.sessions.map(({ id }) => id));
        t.is(page.left > page.sessions.length, page.sessions.length === limit && page.left > limit);
        book.add(sessionOf(`n${seen.length}`, "/b"), accepted);
        const leaving = gone.find(({ id }) => !seen.includes(id) && book.find(id) !== undefined);
        if (leaving !== undefined) end(book, leaving);
        const before = page.sessions.at(-1)!;
        page = book.list({ filter: { route: "/a" }, limit, before: readPlace(wordPlace(before))! });
      }
      t.deepEqual(seen.filter((id) => id.startsWith("s")).toSorted(), stay.map(({ id }) => id).toSorted());
      t.is(new Set(seen).size, seen.length);
    }),
    { numRuns: 30 },
  );
});

test("a place that nobody has made is none", (t) => {
  for (const text of ["", "1", "x.1", "1.", `${"1".repeat(16)}.a`]) t.is(readPlace(text), undefined, text);
});

test("what is said of an end is what the book has of the session, and what was counted last", (t) => {
  const book = new SessionBook();
  book.add(sessionOf("1", "/a"), accepted);
  const last = sessionEnd({ messages: { client: 2, server: 1 }, bytes: { client: 20, server: 10 } });
  t.deepEqual(book.end("1", last), {
    ...{ type: "session-end", id: "1", route: "/a", client: "127.0.0.1:1", server: "ws://a" },
    ...last,
  });
  t.like(book.traffic()[0], { sessions: 0, messages: last.messages, bytes: last.bytes });
  t.is(book.end("1", last), undefined);
  t.is(book.end("2", last), undefined);
});

test("how long a session has been idle is told by a clock that nobody sets", (t) => {
  let now = 1000;
  const book = new SessionBook(() => now);
  const session = sessionOf("1", "/a", 1);
  book.add(session, accepted);
  const idle = () => {
    book.traffic();
    return list(book, "1").sessions[0]?.idleMs;
  };
  t.is(idle(), 0);
  now += 700;
  t.is(idle(), 700);
  session.traffic = { ...session.traffic, messages: { client: 2, server: 0 } };
  t.is(idle(), 0);
});

test("the last one to end is what is waited for, and it is there at once when none is open", async (t) => {
  const book = new SessionBook();
  await book.idle();
  const sessions = [sessionOf("1", "/a"), sessionOf("2", "/b")];
  for (const session of sessions) book.add(session, accepted);
  let isIdle = false;
  const idle = book.idle().then(() => {
    isIdle = true;
  });
  end(book, sessions[0]!);
  await Promise.resolve();
  t.false(isIdle);
  end(book, sessions[1]!);
  await idle;
  t.true(isIdle);
});

const step = fc.record({
  session: fc.nat(5),
  act: fc.constantFrom("add", "carry", "remove"),
  count: fc.nat(9),
});

test("in any order of beginnings, messages and ends, nothing that was carried is lost or counted twice", (t) => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const book = new SessionBook();
      const open = new Map<number, ReturnType<typeof sessionOf>>();
      let begun = 0;
      const carried: Record<string, number> = {};
      for (const { session: key, act, count } of steps) {
        const route = key % 2 === 0 ? "/even" : "/odd";
        const session = open.get(key);
        if (act === "add" && session === undefined) {
          const added = sessionOf(`${begun++}`, route);
          open.set(key, added);
          book.add(added, accepted);
          carried[route] ??= 0;
        } else if (act === "carry" && session !== undefined) {
          const { client, server } = session.traffic.messages;
          session.traffic = { ...session.traffic, messages: { client: client + count, server } };
          carried[route] = (carried[route] ?? 0) + count;
        } else if (act === "remove" && session !== undefined) {
          t.like(end(book, session), { id: session.id, route, messages: session.traffic.messages });
          // Said twice it is no other end.
          t.is(end(book, session), undefined);
          open.delete(key);
        }
        const traffic = book.traffic();
        t.deepEqual(Object.fromEntries(traffic.map((sum) => [sum.route, sum.messages.client])), carried);
        for (const name of ["/even", "/odd"]) {
          t.is(
            book.hasOpen(name),
            [...open.values()].some((session) => session.route === name),
          );
        }
        t.is(
          traffic.reduce((sum, { sessions }) => sum + sessions, 0),
          open.size,
        );
      }
    }),
  );
});
