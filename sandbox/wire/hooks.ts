/** A hook is a number on the wire: its position here. */
export const HOOK_NAMES = ["upgrade", "client", "server", "tick", "renew", "close"] as const;

export const HOOK_NUMBER = {
  upgrade: 0,
  client: 1,
  server: 2,
  tick: 3,
  renew: 4,
  close: 5,
} as const satisfies Record<(typeof HOOK_NAMES)[number], number>;
