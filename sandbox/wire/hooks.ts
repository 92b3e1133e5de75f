/** A hook is a number on the wire: its position here. */
export const HOOK_NAMES = ["upgrade", "unavailable", "client", "server", "tick", "renew", "close"] as const;

export const HOOK_NUMBER = {
  upgrade: 0,
  unavailable: 1,
  client: 2,
  server: 3,
  tick: 4,
  renew: 5,
  close: 6,
} as const satisfies Record<(typeof HOOK_NAMES)[number], number>;

type Name = (typeof HOOK_NAMES)[number];

/** Of a name that varies, for each message: V8 would search for a member by it, and most are one of two. */
export function hookNumber(name: Name): (typeof HOOK_NUMBER)[Name] {
  if (name === "client") return HOOK_NUMBER.client;
  if (name === "server") return HOOK_NUMBER.server;
  return HOOK_NUMBER[name];
}
