import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { RoutePlan } from "./route-runtime.ts";

const MESSAGE_HOOKS: readonly HookName[] = ["client", "server"];
const MOST_NAMED = 5;

/**
 * A line about routes that pass on plain HTTP beside hooks for messages: what is polled so, no hook sees. Undefined: none.
 *
 * @param hooksOf those that a policy exports
 */
export function wordUnseenHttp(
  routes: readonly RoutePlan[],
  hooksOf: (policy: string) => readonly HookName[],
): string | undefined {
  const names = routes
    .filter(({ config, chain }) => config.enabled && config.http === "proxy" && chain.some(hasMessageHook))
    .map(({ config }) => config.name);
  if (names.length === 0) return undefined;
  const rest = names.length - MOST_NAMED;
  const listed = [...names.slice(0, MOST_NAMED), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  return `no \`client\` or \`server\` hook sees plain HTTP, so neither the polling of Socket.IO and SockJS, on ${listed} (\`http: "proxy"\`): \`http: "refuse-polling"\` refuses that and passes on the rest`;

  function hasMessageHook({ policy, hooks = MESSAGE_HOOKS }: RoutePlan["chain"][number]): boolean {
    return hooksOf(policy).some((hook) => MESSAGE_HOOKS.includes(hook) && hooks.includes(hook));
  }
}
