import test from "ava";
import { lossFault } from "../../../../sandbox/client/calls/fault.ts";
import { Flight } from "../../../../sandbox/client/calls/flight.ts";
import { Task } from "../../../../sandbox/client/calls/task.ts";
import { createVerdictPlaces } from "../../../../sandbox/client/policy/verdict-places.ts";
import { SHARED_GROUP, WORKER_GROUP } from "../../../../sandbox/client/process/host-pool.ts";
import { DEFAULT_POLICY_LIMITS } from "../../../../sandbox/defaults.ts";
import { createStackMapper } from "../../../../sandbox/source-map.ts";
import { bundlePolicy } from "../../support.ts";
import { callOf, instanceOf, policyOf, seatOf } from "../client-parts.ts";

test("what is said of a lost host fits where it was", (t) => {
  const policy = policyOf("p");
  const task = new Task(callOf(), seatOf(policy), 1);
  const instance = instanceOf(1);
  new Flight().enter(task, instance, policy.track, false);
  const saidIn = (group: string) => {
    instance.house(group, undefined);
    return (["killed", "nonsense"] as const).map(
      (reason) => lossFault(task, instance.deployment, { reason }, DEFAULT_POLICY_LIMITS).message,
    );
  };
  for (const message of saidIn(SHARED_GROUP)) t.regex(message, /^`client` .*host process .*killed$/);
  for (const message of saidIn(WORKER_GROUP)) t.regex(message, /^`client` .*inside of the worker/);
});

test("what is wrong with a verdict is in one place of the author's, or in none that is named", async (t) => {
  const bundle = await bundlePolicy(
    "p",
    `type Counts = { replies: number };
export const client = ({ session: { replies = 0 } }) => {
  // { replies: 1 }
  if (replies > 5) return { drop: true, replies: ["no"] };
  const { code } = session;
  if (code) return { close: { code, reson: "no" } };
  return code ? { drop: 1 } : { drop: 2 };
};
export const server = ({ replies }) => ({ "got-none": replies });`,
  );
  const places = createVerdictPlaces(bundle, createStackMapper(bundle));
  const placeOf = (part: string) => {
    const place = places.find(part);
    return place && `${place.file}:${place.line}:${place.column}`;
  };
  t.is(placeOf("replies"), "p.ts:4:41");
  t.is(placeOf("close.reson"), "p.ts:6:37");
  t.is(placeOf("close.code"), "p.ts:6:31");
  t.is(placeOf("got-none"), "p.ts:9:43");
  t.is(placeOf("drop"), undefined, "two may be it");
  for (const part of ["", ".", "[", "close", "nowhere", "__proto__", "(a+)+$"]) {
    if (part !== "close") t.is(placeOf(part), undefined, part);
  }
  for (let i = 0; i < 40; i++) placeOf(`made up ${i}`);
  t.is(placeOf("got-none"), "p.ts:9:43");
  t.is(placeOf("reson"), undefined, "so many are looked for, and no more");
});
