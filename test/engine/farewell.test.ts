import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { findDismissal } from "../../core/engine/dismissal.ts";
import { Farewell } from "../../core/engine/farewell.ts";
import { type BookedSession, SessionBook } from "../../core/engine/session-book.ts";
import { accepted, sessionEnd } from "./booking.ts";

const fine = {
  ...{ isRemoved: false, isEnabled: true, isDrained: false, isOutdated: false },
  ...{ recycleSpreadMs: 1000, removal: { afterMs: 0, spreadMs: 500 } },
};

/** A drain keeps no process alive by itself. */
function stayAlive(t: ExecutionContext): void {
  const timer = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(timer));
}

/** A farewell to sessions that say what was done to them, and deadlines that come when the test says so. */
function open(count: number, { answersClose = true } = {}) {
  const book = new SessionBook();
  const due: { ms: number; run: () => void }[] = [];
  const said: string[] = [];
  const removed = new Set<string>();
  const deadlines = {
    after(ms: number, run: () => void) {
      due.push({ ms, run });
      return { slot: 0, run };
    },
  };
  const farewell = new Farewell(book, deadlines, (route) => removed.has(route));
  const sessions = Array.from({ length: count }, (_, index) => {
    const id = String(index);
    const traffic = { client: 0, server: 0 };
    const session: BookedSession = {
      id,
      route: "/",
      ageMs: 0,
      recycleSpreadMs: undefined,
      policies: [],
      tell() {},
      say: () => "sent",
      ...{ held: 0, isHoldable: true },
      traffic: { messages: traffic, bytes: traffic },
      bufferedBytes: traffic,
      relieve() {},
      renew: async () => "no-hook",
      review() {},
      tellTo() {},
      close({ code }, { cause }) {
        said.push(`${id} ${code} ${cause}`);
        if (answersClose) book.end(id, sessionEnd());
      },
      destroy() {
        said.push(`${id} cut`);
        book.end(id, sessionEnd());
      },
    };
    book.add(session, accepted);
    return session;
  });
  return { book, farewell, sessions, due, said, removed };
}

test("a session goes where its route is off, and where it is outdated and wants that", (t) => {
  t.is(findDismissal(fine), undefined);
  t.is(findDismissal({ ...fine, isOutdated: true, recycleSpreadMs: undefined }), undefined);
  t.like(findDismissal({ ...fine, isOutdated: true }), { status: { code: 1012 }, withinMs: 1000 });
  t.like(findDismissal({ ...fine, isEnabled: false, isOutdated: true }), {
    status: { code: 1001 },
    grounds: { cause: "route-disabled" },
  });
});

const standing = fc.record({
  isRemoved: fc.boolean(),
  isEnabled: fc.boolean(),
  isDrained: fc.boolean(),
  isOutdated: fc.boolean(),
  recycleSpreadMs: fc.option(fc.nat(60_000), { nil: undefined }),
  removal: fc.record({ afterMs: fc.nat(60_000), spreadMs: fc.nat(60_000) }),
});

test("however a route stands: removed goes before off, off before drained, and that before outdated; a session of one that is as it was stays", (t) => {
  fc.assert(
    fc.property(standing, (route) => {
      const dismissal = findDismissal(route);
      const causes = [
        route.isRemoved && "route-removed",
        !route.isEnabled && "route-disabled",
        route.isDrained && "drain",
        route.isOutdated && route.recycleSpreadMs !== undefined && "recycle",
      ] as const;
      const [cause] = causes.filter((each) => each !== false);
      t.is(dismissal?.grounds.cause, cause);
      const spreads = { "route-removed": route.removal.spreadMs, recycle: route.recycleSpreadMs };
      t.is(dismissal?.withinMs, spreads[cause as keyof typeof spreads]);
    }),
  );
});

test("who is recycled goes somewhere within the time, unless he has left by then", (t) => {
  const { farewell, sessions, due, said, book } = open(2);
  for (const session of sessions) farewell.review(session, { ...fine, isOutdated: true });
  t.deepEqual(said, []);
  t.true(due.every(({ ms }) => ms >= 0 && ms <= 1000));
  book.end("1", sessionEnd());
  for (const { run } of due) run();
  t.deepEqual(said, ["0 1012 recycle"]);
});

test("who sits on a removed route goes somewhere within the time, unless the route comes back before", (t) => {
  const { farewell, sessions, due, said, removed } = open(2);
  removed.add("/");
  for (const session of sessions) farewell.review(session, { ...fine, isRemoved: true });
  t.true(due.every(({ ms }) => ms >= 0 && ms <= 500));
  due[0]?.run();
  t.deepEqual(said, ["0 1001 route-removed"]);
  removed.clear();
  due[1]?.run();
  t.deepEqual(said, ["0 1001 route-removed"]);
});

test("what `onRemove` says becomes of the sessions of a removed route: they go on for so long first, or stay", (t) => {
  const { farewell, sessions, due, said, removed } = open(1);
  removed.add("/");
  const [session] = sessions;
  farewell.review(session!, { ...fine, isRemoved: true, removal: undefined });
  t.deepEqual([said, due], [[], []]);
  farewell.review(session!, { ...fine, isRemoved: true, removal: { afterMs: 60_000, spreadMs: 500 } });
  t.true(due.every(({ ms }) => ms >= 60_000 && ms <= 60_500));
  due[0]?.run();
  t.deepEqual(said, ["0 1001 route-removed"]);
});

test("after the announcement a session ends as soon as it has begun, whatever its route", (t) => {
  const { farewell, sessions, said } = open(3);
  farewell.greet(sessions[0]!, fine);
  farewell.greet(sessions[1]!, { ...fine, isEnabled: false });
  t.false(farewell.isAnnounced);
  farewell.announce({ code: 1012 });
  t.true(farewell.isAnnounced);
  farewell.greet(sessions[2]!, { ...fine, isEnabled: false });
  t.deepEqual(said, ["1 1001 route-disabled", "2 1012 drain"]);
});

test("a drain says goodbye to each once, and is over with the last", async (t) => {
  stayAlive(t);
  const { farewell, said, book } = open(3);
  await farewell.drain({ code: 1001, spreadMs: 3, timeoutMs: 0 });
  t.deepEqual(said, ["0 1001 drain", "1 1001 drain", "2 1001 drain"]);
  t.deepEqual([...book.sessions()], []);
});

test("who has left meanwhile is not told, and who does not leave is cut off", async (t) => {
  stayAlive(t);
  const { farewell, said, book } = open(3, { answersClose: false });
  const drained = farewell.drain({ code: 1001, spreadMs: 300, timeoutMs: 1 });
  book.end("1", sessionEnd());
  await drained;
  t.deepEqual(said, ["0 1001 drain", "2 1001 drain", "0 cut", "2 cut"]);
});

test("a drain of none is over at once", async (t) => {
  await open(0).farewell.drain({ code: 1001, spreadMs: 60_000, timeoutMs: 0 });
  t.pass();
});
