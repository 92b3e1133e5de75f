import { type Deployment, NO_INSTANCE } from "./deployment.ts";
import type { ClientInstance } from "./instance.ts";

/**
 * Which version is loaded ahead next: one whose call came last. One at a time, however long all of them take: the CPU is for
 * who is being served, and who hangs is known the sooner the more of it his host gets.
 *
 * @param there all that their group has
 */
export function chooseReserve(
  there: readonly ClientInstance[],
  isLoadable: (deployment: Deployment) => boolean,
): Deployment | undefined {
  const [next] = there
    .filter(({ id, state, deployment }) => state === "ready" && id === deployment.serving)
    .filter(({ deployment }) => deployment.reserve === NO_INSTANCE && isLoadable(deployment))
    .toSorted((a, b) => b.lastUsed - a.lastUsed);
  return next?.deployment;
}
