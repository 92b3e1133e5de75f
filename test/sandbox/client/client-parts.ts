import { ClientSeat } from "../../../sandbox/client/calls/seat.ts";
import type { Task, TaskSeat } from "../../../sandbox/client/calls/task.ts";
import { Deployment } from "../../../sandbox/client/policy/deployment.ts";
import { ClientInstance } from "../../../sandbox/client/policy/instance.ts";
import { createLogLimiter } from "../../../sandbox/client/policy/log-limiter.ts";
import { NamedPolicy } from "../../../sandbox/client/policy/policy.ts";
import type { HookName } from "../../../sandbox/contract/hooks.ts";
import type { Outcome } from "../../../sandbox/contract/verdicts.ts";
import type { HookCall, PolicyBundle } from "../../../sandbox/contract.ts";
import { sameTypes } from "../support.ts";

/** Parts of the sandbox's worker side, for tests that look at one of them. */

export function bundleOf(name: string, version = "1"): PolicyBundle {
  return { name, file: `/policies/${name}.ts`, version, code: "", sourceMap: "" };
}

export function policyOf(name: string): NamedPolicy<Task> {
  const silent = createLogLimiter(name, () => {});
  return new NamedPolicy(name, silent, () => {});
}

export function seatOf(policy: NamedPolicy<Task>, index = 1): TaskSeat {
  return new ClientSeat({
    index,
    followed: policy,
    binding: { policy: policy.name, route: "/", options: {} },
    id: `session-${index}`,
    context: "{}",
    types: sameTypes("text/plain"),
  });
}

/** One that is loaded. */
export function instanceOf(id: number, deployment = new Deployment(bundleOf("p"), id)): ClientInstance {
  const instance = new ClientInstance(id, deployment);
  instance.advance("loaded");
  return instance;
}

export function callOf(
  settle: (outcome: Outcome) => void = () => {},
  hook: HookName = "client",
  body = "",
): HookCall {
  return { hook, payload: { binary: false, bytes: Buffer.from(body) }, sequence: 1, time: 0, settle };
}
