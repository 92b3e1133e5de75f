import { setImmediate } from "node:timers/promises";
import test from "ava";
import { Rounds } from "../../core/workers/rounds.ts";

test("nobody waits for one that does not answer: what it says late counts in a later round, and one that has gone is left out", async (t) => {
  const late = Promise.withResolvers<string>();
  let asked = 0;
  const rounds = new Rounds(20, async (name: string) => {
    if (name === "gone") throw new Error("gone");
    if (name !== "slow") return name;
    asked++;
    return late.promise;
  });
  t.deepEqual(await rounds.ask(["one", "slow", "gone"]), ["one"]);
  t.deepEqual(await rounds.ask(["one", "slow"]), ["one"]);
  t.is(asked, 1);
  late.resolve("slow");
  await setImmediate();
  t.deepEqual(await rounds.ask(["two"]), ["slow", "two"]);
  await rounds.ask(["slow"]);
  t.is(asked, 2);
});
