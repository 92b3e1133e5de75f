import test from "ava";
import { createGuessLimit } from "../../../core/admin/access/guess-limit.ts";

const start = () => {
  const clock = { at: 0 };
  return { clock, limit: createGuessLimit(() => clock.at) };
};

test("ten wrong tokens make all others of the address wait, but for those that were right before", (t) => {
  const { clock, limit } = start();
  limit.countSuccess("192.0.2.1", "right");
  for (let guess = 0; guess < 9; guess++) limit.countFailure("192.0.2.1", `wrong-${guess}`);
  t.is(limit.waitSeconds("192.0.2.1", "new"), 0);
  clock.at = 59_000;
  limit.countFailure("192.0.2.1", "wrong-9");
  t.is(limit.waitSeconds("192.0.2.1", "new"), 60);
  t.is(limit.waitSeconds("192.0.2.1", "right"), 0);
  t.is(limit.waitSeconds("192.0.2.2", "new"), 0);
  clock.at += 60_000;
  t.is(limit.waitSeconds("192.0.2.1", "new"), 0);
  limit.countFailure("192.0.2.1", "wrong");
  for (let guess = 0; guess < 9; guess++) limit.countFailure("192.0.2.1", `again-${guess}`);
  t.is(limit.waitSeconds("192.0.2.1", "right"), 0);
});

test("one wrong token, shown by a program again and again, shuts nobody out", (t) => {
  const { limit } = start();
  for (let scrape = 0; scrape < 100; scrape++) limit.countFailure("192.0.2.1", "an old one");
  t.is(limit.waitSeconds("192.0.2.1", "new"), 0);
});

test("a token that was right elsewhere is not right here: an address is bounded in its guesses", (t) => {
  const { limit } = start();
  limit.countSuccess("192.0.2.1", "right");
  for (let guess = 0; guess < 10; guess++) limit.countFailure("2001:db8::1", `wrong-${guess}`);
  t.true(limit.waitSeconds("2001:db8::2", "right") > 0);
});
