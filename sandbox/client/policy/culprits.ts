import { JOURNAL_STATE } from "../../wire/journal.ts";
import { type HostLoss, wasKilledFromOutside } from "../process/host-keeper.ts";
import type { Deployment } from "./deployment.ts";
import type { ClientInstance } from "./instance.ts";

/** More than so many at once are not told apart by what they did, and a host for each would be the greater harm. */
const MAX_SUSPECTS = 4;

/**
 * The versions that have cost a host: the one that ran or was being loaded, or that had most of the memory; after
 * nonsense those with calls under way, for nothing that the host said is to be trusted. Of a host that somebody killed
 * from outside, none.
 *
 * @param there all that the host held
 */
export function findCulprits(loss: HostLoss, there: readonly ClientInstance[]): readonly Deployment[] {
  const { reason, note } = loss;
  if (wasKilledFromOutside(loss)) return [];
  if (reason === "nonsense") {
    const suspects = there.filter(({ inFlight }) => inFlight > 0);
    return suspects.length > MAX_SUSPECTS ? [] : suspects.map(({ deployment }) => deployment);
  }
  if (note.state !== JOURNAL_STATE.idle)
    return there.filter(({ id }) => id === note.instance).map(({ deployment }) => deployment);
  return reason === "memory" ? findLargest(there) : [];
}

/** One that has more than all others together. */
function findLargest(there: readonly ClientInstance[]): readonly Deployment[] {
  const sum = there.reduce((bytes, { heapBytes }) => bytes + heapBytes, 0);
  return there.filter(({ heapBytes }) => heapBytes > sum / 2).map(({ deployment }) => deployment);
}
