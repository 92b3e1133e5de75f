import type { FaultReason, PolicyFault } from "../../contract/faults.ts";
import type { PolicyLimits } from "../../contract/limits.ts";
import type { Deployment } from "../policy/deployment.ts";
import { WORKER_GROUP } from "../process/host-pool.ts";
import type { ToldFault } from "./outcomes.ts";
import type { Task } from "./task.ts";

/** A fault that the guest reported, its stack in the author's lines. */
export function guestFault(task: Task, deployment: Deployment, told: ToldFault): PolicyFault {
  const { bundle, mapper, verdictPlaces } = deployment;
  const place = told.at === undefined || told.at === "" ? undefined : verdictPlaces.find(told.at);
  const where = place === undefined ? "" : ` (${place.file}:${place.line}:${place.column})`;
  return {
    reason: told.reason,
    policy: bundle.name,
    version: bundle.version,
    hook: task.call.hook,
    message: told.message + where,
    stack: told.stack === "" ? "" : mapper.mapStack(told.stack),
  };
}

/** What the policy has said cannot be carried out. @param message what was expected, and got */
export function verdictFault({ call, seat }: Task, message: string): PolicyFault {
  return {
    reason: "verdict",
    policy: seat.binding.policy,
    version: seat.followed.track.current?.bundle.version ?? "",
    hook: call.hook,
    message: `\`${call.hook}\`: ${message}`,
    stack: "",
  };
}

/**
 * A fault that only the outside can see.
 *
 * @param loss `ranAt`: where the call was, as a stack of the bundle's
 */
export function lossFault(
  task: Task,
  deployment: Deployment | undefined,
  { reason, ranAt = "" }: { readonly reason: FaultReason; readonly ranAt?: string | undefined },
  limits: PolicyLimits,
): PolicyFault {
  const what = `\`${task.call.hook}\` ${describe(reason, task, limits)}`;
  const frames = deployment?.mapper.mapFrames(ranAt) ?? [];
  const place = deployment?.mapper.findPlace(ranAt);
  const where = place === undefined ? "" : ` at ${place.file}:${place.line}:${place.column}`;
  return {
    reason,
    policy: task.seat.binding.policy,
    version: deployment?.bundle.version ?? "",
    hook: task.call.hook,
    message: what + where,
    stack: frames.length === 0 ? "" : [what, ...frames].join("\n"),
  };
}

function describe(reason: FaultReason, task: Task, limits: PolicyLimits): string {
  switch (reason) {
    case "timeout": {
      const isUpgrade = task.call.hook === "upgrade";
      const ms = isUpgrade ? limits.upgradeTimeoutMs : limits.messageTimeoutMs;
      const option = isUpgrade ? "sandbox.upgradeTimeout" : "sandbox.messageTimeout";
      return `ran for more than ${ms} ms (\`${option}\`) and was stopped`;
    }
    case "memory":
      return `ran when the policy had used up its memory, ${limits.memoryLimitMb} MiB (\`sandbox.memoryLimit\`)`;
    case "killed":
      if (isInWorker(task))
        return `of policy \`${task.seat.binding.policy}\` ran when the isolates inside of the worker failed, and were all given up`;
      return `of policy \`${task.seat.binding.policy}\` ran when the sandbox's host process hung, crashed or grew too large, and was killed`;
    case "unavailable":
      return "was not called: the policy has no version that could be loaded, or has failed too often";
    case "nonsense":
      if (isInWorker(task)) return "ran when the isolates inside of the worker gave what makes no sense";
      return "ran when the sandbox's host process sent what makes no sense, and was killed";
    case "throw":
    case "verdict":
      return "failed";
  }
}

function isInWorker(task: Task): boolean {
  return task.isUnderWay && task.instance.group === WORKER_GROUP;
}
