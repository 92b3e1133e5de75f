import type { PolicyLimits } from "../../contract/limits.ts";
import type { PolicyBundle, PreparedPolicy } from "../../contract.ts";
import { loadError } from "../../load-error.ts";
import type { Deployment } from "./deployment.ts";
import type { Instances, LoadOutcome } from "./instances.ts";
import type { Versions } from "./versions.ts";

export interface PreparationParts {
  readonly limits: PolicyLimits;
  readonly instances: Pick<Instances, "deploy" | "forget">;
  readonly versions: Pick<Versions, "begin" | "policy" | "replace">;
}

/** Loads a version beside the current one, to be swapped in or forgotten. */
export function preparePolicy(parts: PreparationParts, bundle: PolicyBundle): Promise<PreparedPolicy> {
  const { instances, versions } = parts;
  // From now on it has its place in the books, even if it does not load.
  versions.policy(bundle.name);
  return new Promise((resolve) => {
    const deployment = instances.deploy(bundle, (outcome) => resolve(finish(parts, deployment, outcome)));
  });
}

/** Asynchronous, for whatever goes wrong here is the end of this load, and of nothing else. */
async function finish(
  parts: PreparationParts,
  deployment: Deployment,
  outcome: LoadOutcome,
): Promise<PreparedPolicy> {
  const { bundle, mapper } = deployment;
  if (!outcome.ok) throw loadError(bundle, mapper, outcome.failure, parts.limits);
  return preparedPolicy(parts, deployment);
}

function preparedPolicy({ instances, versions }: PreparationParts, deployment: Deployment): PreparedPolicy {
  const { bundle, exports } = deployment;
  let isCommitted = false;
  function commit(take: Versions["begin"]): void {
    if (isCommitted || deployment.stage !== "deployed") return;
    isCommitted = true;
    take(bundle.name, deployment);
  }
  return {
    name: bundle.name,
    version: bundle.version,
    exports,
    commit: () => commit(versions.replace),
    commitBeside: () => commit(versions.begin),
    discard() {
      if (!isCommitted) instances.forget(deployment);
    },
  };
}
