import type { FaultReason, PolicyFault } from "../sandbox/contract/faults.ts";
import type { HookName } from "../sandbox/contract/hooks.ts";

/**
 * What went wrong in a hook. Of an error that the policy threw it has name, message and stack, so a test can expect it
 * as if it had called the hook itself.
 */
export class PolicyError extends Error {
  readonly reason: FaultReason;
  readonly policy: string;
  readonly hook: HookName;

  constructor({ reason, policy, hook, message, stack }: PolicyFault, hint = "") {
    const thrown = reason === "throw" ? /^`\w+` threw (?:(\w*Error): )?(.*)$/s.exec(message) : null;
    super((thrown?.[2] ?? message) + hint);
    this.name = thrown?.[1] ?? (thrown ? "Error" : "PolicyError");
    this.reason = reason;
    this.policy = policy;
    this.hook = hook;
    const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
    this.stack = [`${this.name}: ${this.message}`, ...frames].join("\n");
  }
}
