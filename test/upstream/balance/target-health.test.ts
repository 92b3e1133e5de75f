import test from "ava";
import type { HealthConfig } from "../../../core/config/options/upstream/upstream-config.ts";
import { createTargetHealth } from "../../../core/upstream/balance/target-health.ts";

const options: HealthConfig = { failures: 3, ejectMs: 100, maxEjectMs: 350, slowStartMs: 1_000 };

function start(changes: Partial<HealthConfig> = {}) {
  const clock = { at: 5_000 };
  const health = createTargetHealth(
    () => ({ ...options, ...changes }),
    () => clock.at,
  );
  return { clock, health };
}

test("failures in a row eject, and a success between them starts the count anew", (t) => {
  const { clock, health } = start();
  t.deepEqual(
    [health.fail(), health.fail(), health.succeed(), health.fail(), health.fail()],
    Array(5).fill(undefined),
  );
  t.true(health.isHealthy());
  t.is(health.fail(), "down");
  t.false(health.isHealthy());
  clock.at += 99;
  t.false(health.isHealthy());
  clock.at += 1;
  t.true(health.isHealthy());
});

test("one failure after an ejection ejects again, twice as long each time, up to the longest", (t) => {
  const { clock, health } = start();
  for (let i = 0; i < 3; i++) health.fail();
  for (const lengthMs of [100, 200, 350, 350]) {
    clock.at += lengthMs - 1;
    t.false(health.isHealthy(), `${lengthMs}`);
    clock.at += 1;
    t.true(health.isHealthy(), `${lengthMs}`);
    t.is(health.fail(), undefined, "it was told as down already");
  }
});

test("a server that comes back gets more weight as time goes, and is told as up when it answers", (t) => {
  const { clock, health } = start();
  t.is(health.share(), 1);
  for (let i = 0; i < 3; i++) health.fail();
  clock.at += 100;
  t.is(health.share(), 0.1);
  t.is(health.succeed(), "up");
  t.is(health.succeed(), undefined);
  clock.at += 500;
  t.is(health.share(), 0.5);
  clock.at += 600;
  t.is(health.share(), 1);
});

test("the doubling starts over when a server has answered after its slow return, and not before", (t) => {
  for (const [waitMs, nextMs] of [
    [1_000, 100],
    [999, 200],
  ] as const) {
    const { clock, health } = start();
    for (let i = 0; i < 3; i++) health.fail();
    clock.at += 100;
    health.succeed();
    clock.at += waitMs;
    health.succeed();
    for (let i = 0; i < 3; i++) health.fail();
    clock.at += nextMs - 1;
    t.false(health.isHealthy());
    clock.at += 1;
    t.true(health.isHealthy());
  }
});

test("a server that answers while it is ejected is back at once", (t) => {
  const { health } = start();
  for (let i = 0; i < 3; i++) health.fail();
  t.is(health.succeed(), "up");
  t.true(health.isHealthy());
  t.is(health.share(), 0.1);
});

test("failures: 0 never ejects", (t) => {
  const { health } = start({ failures: 0 });
  for (let i = 0; i < 100; i++) t.is(health.fail(), undefined);
  t.true(health.isHealthy());
});

test("checks have a word of their own: healthy is neither ejected nor found bad", (t) => {
  const { clock, health } = start();
  t.is(health.check(true), undefined);
  t.is(health.check(false), "down");
  t.is(health.check(false), undefined);
  t.false(health.isHealthy());
  for (let i = 0; i < 3; i++) t.is(health.fail(), undefined, "told already");
  clock.at += 100;
  t.false(health.isHealthy());
  t.is(health.succeed(), undefined, "its check is still bad");
  t.is(health.check(true), "up");
  t.true(health.isHealthy());
  t.is(health.share(), 0.1);
});

test("without slow return a server has its whole share at once", (t) => {
  const { clock, health } = start({ slowStartMs: 0 });
  for (let i = 0; i < 3; i++) health.fail();
  clock.at += 100;
  t.is(health.share(), 1);
});
