import test from "ava";
import { createDrainOrders, type DrainingView } from "../../../core/admin/api/drains/drain-orders.ts";
import { DrainBook } from "../../../core/gateway/drain-book.ts";
import { createLogger } from "../../../core/log.ts";
import { DrainSchedule } from "../../../core/steering/drain-schedule.ts";
import { SteeringJobs } from "../../../core/steering/steering-jobs.ts";

const place = { kind: "route", name: "/chat" } as const;
const how = { code: 1001, reason: "", dryRun: false, jitter: 0 };

/** Workers take a plan in when the test says so. */
function createOrders() {
  const book = new DrainBook();
  const steering = new SteeringJobs(() => []);
  const taken: (() => void)[] = [];
  const view = {
    drainSchedule: new DrainSchedule(),
    steering,
    drained: () => book.read(),
    drain(drained, isDrained) {
      book.set(drained, isDrained);
      return new Promise<void>((resolve) => taken.push(resolve));
    },
  } as Partial<DrainingView> as DrainingView;
  return {
    orders: createDrainOrders(view, createLogger({ level: "silent" })),
    closings: () => steering.list().length,
    takePlans() {
      for (const take of taken.splice(0)) take();
    },
    isDrained: () => book.read().routes.includes("/chat"),
  };
}

test("a drain that is ended while the workers are told of it closes no session", async (t) => {
  const { orders, closings, takePlans, isDrained } = createOrders();
  const begun = orders.begin(place, how);
  const ended = orders.end(place);
  takePlans();
  await t.throwsAsync(begun, { message: /drain route \/chat: another order for it came while it began/ });
  await ended;
  t.is(closings(), 0);
  t.false(isDrained());

  const again = orders.begin(place, how);
  takePlans();
  await again;
  t.is(closings(), 1);
});

test("of two drains of one place that begin at once the later one closes its sessions", async (t) => {
  const { orders, closings, takePlans, isDrained } = createOrders();
  const both = [orders.begin(place, how), orders.begin(place, { ...how, code: 1012 })];
  takePlans();
  const [first, second] = await Promise.allSettled(both);
  t.deepEqual([first?.status, second?.status], ["rejected", "fulfilled"]);
  t.is(closings(), 1);
  t.true(isDrained());
});
