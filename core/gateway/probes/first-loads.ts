import type { PolicyBundle, PolicyExports } from "../../../sandbox/contract.ts";
import type { SandboxError } from "../../../sandbox/index.ts";
import type { GatewayConfig } from "../../config/index.ts";
import { isSurelyShared } from "../../routes/isolation.ts";
import { WorkerGoneError } from "../../workers/worker.ts";
import type { WorkerPool } from "../../workers/worker-pool.ts";
import { closedError, isHostFault, type VersionProbe } from "./probe.ts";

export interface FirstLoadsOptions {
  readonly config: Pick<GatewayConfig, "workers" | "sandbox" | "routes">;
  readonly loadAhead: WorkerPool["loadAhead"];
  readonly expectVersions: WorkerPool["expectVersions"];
  /** Whether no connection is taken yet. */
  isStarting(): boolean;
}

/**
 * Before there is any traffic there is nothing that a load could harm: what a worker has loaded then it need not load once
 * more, and no probe is started. What may be for a host of its own goes to the probe, as all that comes later does.
 */
export function probeFirstInWorker(probe: VersionProbe, options: FirstLoadsOptions): VersionProbe {
  const { config, loadAhead, expectVersions, isStarting } = options;
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => {}); // those who wait are told
  let hostFault: SandboxError | undefined;

  /** A worker that is this very process may be one that debugs policies, without limits. */
  function mayLoad(policy: string): boolean {
    return isStarting() && config.workers > 0 && isSurelyShared(policy, config);
  }

  async function exportsOf(bundle: PolicyBundle): Promise<PolicyExports> {
    const { name } = bundle;
    if (!mayLoad(name)) return probeIt(bundle);
    try {
      const exports = await Promise.race([loadAhead(bundle, isUsed(name, config)), closed.promise]);
      hostFault = undefined;
      return exports;
    } catch (error) {
      if (error instanceof WorkerGoneError) return probeIt(bundle);
      hostFault = isHostFault(error) ? error : undefined;
      throw error;
    }
  }

  async function probeIt(bundle: PolicyBundle): Promise<PolicyExports> {
    const exports = await probe.exportsOf(bundle);
    hostFault = undefined;
    return exports;
  }

  return {
    expect(policies) {
      const apart = policies.filter((policy) => !mayLoad(policy));
      if (apart.length > 0) probe.expect(apart);
      if (apart.length < policies.length) expectVersions();
    },
    exportsOf,
    get hostFault() {
      return hostFault ?? probe.hostFault;
    },
    close() {
      closed.reject(closedError());
      return probe.close();
    },
  };
}

function isUsed(policy: string, { routes }: Pick<GatewayConfig, "routes">): boolean {
  return routes.some(({ policies }) => policies === "*" || policies.some(({ use }) => use === policy));
}
