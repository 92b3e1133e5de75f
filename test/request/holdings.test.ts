import test from "ava";
import { Holdings } from "../../core/request/holdings.ts";

test("what was taken is given back once, the last first", (t) => {
  const given: string[] = [];
  const held = new Holdings();
  held.add(() => given.push("count"));
  held.add(() => given.push("server"));
  held.giveBack();
  held.giveBack();
  t.deepEqual(given, ["server", "count"]);
});

test("what is taken while things are given back is given back by the next call", (t) => {
  const given: string[] = [];
  const held = new Holdings();
  held.add(() => held.add(() => given.push("late")));
  held.giveBack();
  t.deepEqual(given, []);
  held.giveBack();
  t.deepEqual(given, ["late"]);
});
