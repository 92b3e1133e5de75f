import test from "ava";
import { createWaitingLine } from "../../../core/upstream/balance/waiting-line.ts";

interface Place {
  readonly for: string;
}

function start() {
  const timers = new Set<{ readonly callback: () => void; readonly ms: number }>();
  const line = createWaitingLine<Place>((callback, ms) => {
    const timer = { callback, ms };
    timers.add(timer);
    return () => timers.delete(timer);
  });
  let room = 0;
  const come = (name: string, limits = { size: 2, timeoutMs: 50 }, signal = new AbortController().signal) =>
    line.wait(() => (room-- > 0 ? { for: name } : void room++), limits, signal);
  const free = (count: number): void => {
    room += count;
    line.offer();
  };
  return { line, timers, come, free, room: () => room };
}

test("first come, first served, as many as there is room for", async (t) => {
  const { line, come, free, timers } = start();
  const [ada, bob] = [come("ada"), come("bob")];
  free(1);
  t.deepEqual(await ada, { for: "ada" });
  t.is(line.length, 1);
  free(1);
  t.deepEqual(await bob, { for: "bob" });
  t.is(line.length, 0);
  t.is(timers.size, 0);
});

test("no more than its size wait", async (t) => {
  const { come } = start();
  void come("ada");
  void come("bob");
  t.is(await come("eve"), "full");
  t.is(await start().come("ada", { size: 0, timeoutMs: 50 }), "full");
});

test("who waits too long leaves, and takes no room any more", async (t) => {
  const { come, free, timers, room } = start();
  const ada = come("ada");
  const [timer] = timers;
  t.is(timer?.ms, 50);
  timer?.callback();
  t.is(await ada, "timeout");
  free(1);
  t.is(room(), 1);
});

test("who goes away leaves the line", async (t) => {
  const { come, line, timers } = start();
  const gone = new AbortController();
  const ada = come("ada", { size: 2, timeoutMs: 50 }, gone.signal);
  gone.abort();
  t.is(await ada, "aborted");
  t.is(line.length, 0);
  t.is(timers.size, 0);
  t.is(await come("bob", { size: 2, timeoutMs: 50 }, gone.signal), "aborted");
});
