import test from "ava";
import { createEventLog } from "../core/event-log.ts";
import type { GatewayEvent } from "../core/events.ts";
import type { Logger } from "../core/log.ts";

test("of what a policy does on each message, its faults and its renewals, so many lines are written a second", (t) => {
  const lines: string[] = [];
  const write = (_: object, message: string) => void lines.push(message);
  let now = 0;
  const logger = { debug: write, info: write, warn: write, error: write } as unknown as Logger;
  const log = createEventLog(logger, undefined, { now: () => now });
  const fault = {
    policy: "p",
    version: "1",
    hook: "client",
    reason: "throw",
    message: "fault",
    stack: "",
  } as const;
  const events: readonly GatewayEvent[] = [
    { type: "policy-fault", fault, route: "r", session: "s" },
    { type: "session-renewed", id: "s", route: "r", policy: "p", reason: "message" },
  ];
  const renewed = "session renewed by its policy";
  for (const event of events) for (let n = 0; n < 25; n++) log(event);
  t.deepEqual(lines.splice(0), [...Array(20).fill("fault"), ...Array(20).fill(renewed)]);
  now = 1000;
  for (const event of events) log(event);
  t.deepEqual(lines, [
    "5 more faults of this policy were not logged",
    "fault",
    "5 more renewals by this policy were not logged",
    renewed,
  ]);
});
