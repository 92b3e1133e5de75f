const FIRST_MS = 100;
const MOST_MS = 5_000;

/** Of each client that is held: the dials of all of them together are bounded by that, however many they are. */
const MS_PER_HELD = 2;

export interface RetriedHold {
  readonly failures: number;
  /** By this worker, this one included. */
  readonly heldClients: number;
  /** From 0 to 1: not all come back together. */
  readonly random: number;
}

/**
 * How long to wait before a server is asked again that could not be had so many times: twice as long each time, up to a
 * bound; longer where many wait, for it may be the same server that all of them ask.
 */
export function retryDelayMs({ failures, heldClients, random }: RetriedHold): number {
  const own = Math.min(FIRST_MS * 2 ** (failures - 1), MOST_MS);
  return Math.max(own, heldClients * MS_PER_HELD) * (0.5 + random / 2);
}
