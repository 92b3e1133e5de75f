import type { ListenerPlan } from "./listener-plan.ts";

/** What tells each of these listeners from the others: its address, with a number where several let the system choose their port. */
export function keysOf(plans: readonly ListenerPlan[]): string[] {
  const seen = new Map<string, number>();
  return plans.map(({ config: { host, port, socket } }) => {
    const address = socket ?? `${host} ${port}`;
    const count = seen.get(address) ?? 0;
    seen.set(address, count + 1);
    return `${address} ${count}`;
  });
}

/** These, and of the others those that are none of them. */
export function joinPlans(
  plans: readonly ListenerPlan[],
  others: readonly ListenerPlan[],
): readonly ListenerPlan[] {
  const keys = new Set(keysOf(plans));
  const otherKeys = keysOf(others);
  return [...plans, ...others.filter((_, index) => !keys.has(otherKeys[index]!))];
}
