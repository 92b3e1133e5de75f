import test from "ava";
import { type ObserverFailure, tellObservers } from "../../core/gateway/news/observers.ts";
import { eventually } from "../support/eventually.ts";

const EVENT = { type: "host-started", pid: 1 } as const;

test("an observer that breaks costs the others nothing, and is told of once in a while", async (t) => {
  const seen: string[] = [];
  const failures: ObserverFailure[] = [];
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
    20,
  );
  for (let i = 0; i < 3; i++) tell(EVENT);
  t.deepEqual(seen, ["first", "last", "first", "last", "first", "last"]);
  const failure = { observer: "broken", event: "host-started", error };
  t.deepEqual(failures, [{ ...failure, count: 1 }]);
  await eventually("the rest is told", () => failures.length === 2);
  t.deepEqual(failures[1], { ...failure, count: 2 });
});
