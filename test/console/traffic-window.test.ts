import test, { type ExecutionContext } from "ava";
import type { ApiClient, PageQuery } from "../../console/state/api.ts";
import type { Live } from "../../console/state/live.ts";
import { createTrafficWindow } from "../../console/state/traffic-window.ts";
import type { TrafficRecord } from "../../core/traffic/records.ts";
import { eventually } from "../support/eventually.ts";

Object.assign(globalThis, { requestAnimationFrame: () => 1, cancelAnimationFrame: () => {} });

const NEWEST = 5000;
const record = (seq: number) => ({ kind: "frame", seq, time: seq }) as TrafficRecord;

/** A window on 5,000 frames. What `answer` throws is what the API says to a page that is asked for. */
function openWindow(t: ExecutionContext, answer: (query: PageQuery) => Promise<void>, at?: number) {
  const asked: PageQuery[] = [];
  const subscribers = new Set<object>();
  const api = {
    async traffic(query: PageQuery) {
      asked.push(query);
      await answer(query);
      const { after, before = NEWEST + 1, limit } = query;
      const first = after === undefined ? Math.max(1, before - limit) : after + 1;
      const last = after === undefined ? before - 1 : Math.min(NEWEST, after + limit);
      const seqs = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      const hasMore = after === undefined ? first > 1 : last < NEWEST;
      // Read forward they come oldest first, else newest first.
      const records = (after === undefined ? seqs.reverse() : seqs).map(record);
      return { records, hasMore, sessions: {} };
    },
  } as Partial<ApiClient> as ApiClient;
  const live = {
    subscribe(subscriber) {
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },
  } as Partial<Live> as Live;
  const window = createTrafficWindow({ api, live, kinds: ["frame"], filter: {}, at });
  t.teardown(() => window.dispose());
  const is = (status: string) => eventually(status, () => window.status.value === status);
  return { window, asked, subscribers, is };
}

test("a window that could not be opened is failed until the newest is read, and following reads it", async (t) => {
  let isAway = true;
  const { window, asked, subscribers, is } = openWindow(t, async () => {
    if (isAway) throw new Error("away");
  });
  await is("failed");
  t.is(asked.length, 1);
  await window.toNewest();
  t.deepEqual([window.status.value, window.error.value, asked.length], ["failed", "away", 2]);

  isAway = false;
  await window.toNewest();
  t.deepEqual([window.status.value, window.error.value, asked.length], ["ready", "", 3]);
  t.is(window.rows.at(-1)?.seq, NEWEST);
  t.is(subscribers.size, 1);

  await window.toNewest();
  t.is(asked.length, 3);
});

test("who follows while a page is on its way that fails, follows then", async (t) => {
  const page = Promise.withResolvers<void>();
  const isOlder = ({ before }: PageQuery) => before !== undefined && before < 2000;
  const { window, subscribers, is } = openWindow(
    t,
    async (query) => (isOlder(query) ? page.promise : undefined),
    2000,
  );
  await is("ready");
  t.true(window.hasNewer);
  const older = window.loadOlder();
  await window.toNewest();
  page.reject(new Error("503"));
  await older;
  t.is(window.rows.at(-1)?.seq, NEWEST);
  t.deepEqual([window.hasNewer, window.status.value, window.error.value], [false, "ready", ""]);
  t.is(subscribers.size, 1);
});

test("who follows while a window is opened that fails, follows then", async (t) => {
  const page = Promise.withResolvers<void>();
  const isFirst = ({ before }: PageQuery) => before !== undefined;
  const { window, is } = openWindow(t, async (query) => (isFirst(query) ? page.promise : undefined), 2000);
  await window.toNewest();
  page.reject(new Error("503"));
  await is("ready");
  t.is(window.rows.at(-1)?.seq, NEWEST);
});

test("where following fails behind a page that failed, the page's error is told, and one can follow again", async (t) => {
  const page = Promise.withResolvers<void>();
  let isAway = false;
  const { window, is } = openWindow(
    t,
    async ({ before }) => {
      if (before !== undefined && before < 2000) await page.promise;
      else if (isAway) throw new Error("the newest is away");
    },
    2000,
  );
  await is("ready");
  isAway = true;
  const older = window.loadOlder();
  await window.toNewest();
  page.reject(new Error("the older are away"));
  await older;
  t.is(window.error.value, "the older are away");
  t.true(window.hasNewer);
  await window.toNewest();
  t.is(window.error.value, "the newest is away");

  isAway = false;
  await window.toNewest();
  t.deepEqual([window.rows.at(-1)?.seq, window.error.value], [NEWEST, ""]);
});
