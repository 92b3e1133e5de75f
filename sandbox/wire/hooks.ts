/** A hook is a number on the wire: its position here. */
export const HOOK_NAMES = ["upgrade", "client", "server", "close"] as const;

export const HOOK_NUMBER = { upgrade: 0, client: 1, server: 2, close: 3 } as const satisfies Record<
  (typeof HOOK_NAMES)[number],
  number
>;
