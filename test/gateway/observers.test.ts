import test from "ava";
import { type ObserverFailure, tellObservers } from "../../core/gateway/observers.ts";

const EVENT = { type: "host-started", pid: 1 } as const;

test("an observer that breaks costs the others nothing, and is told of once a second", (t) => {
  const seen: string[] = [];
  const failures: ObserverFailure[] = [];
  let now = 1000;
  const error = new Error("no");
  const tell = tellObservers(
    {
      first: () => seen.push("first"),
      broken() {
        throw error;
      },
      last: () => seen.push("last"),
    },
    (failure) => failures.push(failure),
    () => now,
  );
  tell(EVENT);
  tell(EVENT);
  tell(EVENT);
  now += 1000;
  tell(EVENT);
  t.deepEqual(seen, ["first", "last", "first", "last", "first", "last", "first", "last"]);
  const failure = { observer: "broken", event: "host-started", error };
  t.deepEqual(failures, [
    { ...failure, untold: 0 },
    { ...failure, untold: 2 },
  ]);
});
