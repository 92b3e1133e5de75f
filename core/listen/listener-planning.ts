import type { ListenerConfig } from "../config/index.ts";
import type { ListenerPlan } from "./listener-plan.ts";
import { readTlsMaterial } from "./tls-material.ts";

/** Reads what the listeners need of files. Rejects with a GatewayError (`ERR_TLS`) that names option and file. */
export function planListeners(listen: readonly ListenerConfig[]): Promise<readonly ListenerPlan[]> {
  return Promise.all(listen.map((config, index) => planListener(config, index)));
}

async function planListener(config: ListenerConfig, index: number): Promise<ListenerPlan> {
  if (config.tls === undefined) return { config };
  return { config, tls: await readTlsMaterial(config.tls, `listen[${index}].tls`) };
}

/**
 * Reads the files anew. A listener whose files are not in order keeps what it has.
 *
 * @returns undefined when nothing is new
 */
export async function renewPlans(
  plans: readonly ListenerPlan[],
  onProblem: (problem: Error) => void,
): Promise<readonly ListenerPlan[] | undefined> {
  const renewed = await Promise.all(
    plans.map((plan, index) =>
      planListener(plan.config, index)
        .then((renewed) => ({ ...plan, ...renewed }))
        .catch((problem: Error) => {
          onProblem(problem);
          return plan;
        }),
    ),
  );
  return JSON.stringify(renewed) === JSON.stringify(plans) ? undefined : renewed;
}

/** Where a certificate is ordered an authority may ask any gateway of the fleet. */
export function withFleet(plans: readonly ListenerPlan[]): readonly ListenerPlan[] {
  if (!plans.some(({ config }) => config.tls?.acme !== undefined)) return plans;
  return plans.map((plan) => (plan.config.tls === undefined ? { ...plan, asksFleet: true } : plan));
}

/** Authorities ask without TLS (RFC 8555, 8.3). @param challenges undefined: nobody asks */
export function withChallenges(
  { challenges: _, ...plan }: ListenerPlan,
  challenges: ListenerPlan["challenges"],
): ListenerPlan {
  const isAsked = challenges !== undefined && plan.config.tls === undefined;
  return isAsked ? { ...plan, challenges } : plan;
}
