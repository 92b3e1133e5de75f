import type { HostMessage } from "../../../sandbox/wire/control.ts";

/** One of each kind, as a host sends them. */
export const hostMessages: readonly HostMessage[] = [
  { type: "ready" },
  { type: "loaded", instance: 1, result: { ok: true, hooks: ["client", "close"], route: { path: "/" } } },
  {
    type: "loaded",
    instance: 1,
    result: { ok: true, hooks: ["client"], when: { client: { minLength: 1, json: { type: ["order", 1] } } } },
  },
  {
    type: "loaded",
    instance: 1,
    result: { ok: false, failure: { reason: "throw", message: "", stack: "" } },
  },
  { type: "lost", instance: 1, reason: "timeout", culprit: 0, begun: [0, 1], starved: false, spentUs: 5 },
  {
    type: "lost",
    instance: 1,
    reason: "timeout",
    begun: [],
    starved: true,
    spentUs: 5,
    ranAt: "Error\n    at f",
  },
  { type: "time-set", instance: 1, asks: 0 },
  { type: "tired", instance: 1 },
  { type: "log", instance: 1, lines: [[0, "info", "text"]] },
  { type: "pong", sequence: 0, rss: 1e8, usage: { cpuUs: 1, heaps: [[1, 1e6]] } },
  { type: "inspector", instance: 1, debugger: 2, text: "{}" },
];
