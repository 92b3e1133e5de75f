import { type Deployment, NO_INSTANCE } from "./deployment.ts";
import type { ClientInstance } from "./instance.ts";

/** A few at a time: the CPU is for who is being served. */
const LOADS_AT_A_TIME = 4;

/** Which versions are loaded ahead next, those first whose calls came last. @param there all that their group has */
export function chooseReserves(
  there: readonly ClientInstance[],
  isLoadable: (deployment: Deployment) => boolean,
): readonly Deployment[] {
  return there
    .filter(({ id, state, deployment }) => state === "ready" && id === deployment.serving)
    .filter(({ deployment }) => deployment.reserve === NO_INSTANCE && isLoadable(deployment))
    .toSorted((a, b) => b.lastUsed - a.lastUsed)
    .slice(0, LOADS_AT_A_TIME)
    .map(({ deployment }) => deployment);
}
