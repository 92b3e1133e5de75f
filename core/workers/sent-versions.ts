import type { PolicyBundle } from "../../sandbox/contract.ts";
import type { EnginePlan, PlanFailure } from "../engine/engine-plan.ts";

/** Which versions one worker has been given: each is sent to it once. */
export class SentVersions {
  /** By policy. */
  readonly #current = new Map<string, string>();
  /** The same of those that are on their way. */
  readonly #canaries = new Map<string, string>();
  /** The same of shadows, by their names. */
  readonly #shadows = new Map<string, string>();

  /** What of a plan is to be sent, which it has from then on. */
  send(plan: EnginePlan): EnginePlan {
    const bundles = takeUnsent(this.#current, plan.bundles);
    const canaries = withUnsent(this.#canaries, plan.canaries);
    const shadows = withUnsent(this.#shadows, plan.shadows ?? []);
    return { ...plan, bundles, canaries, shadows };
  }

  /** The worker could not load it. */
  forget({ policy, version }: PlanFailure): void {
    for (const sent of [this.#current, this.#canaries]) if (sent.get(policy) === version) sent.delete(policy);
  }
}

/** A worker drops what no plan names: it has to be sent again if it comes back. */
function takeUnsent(sent: Map<string, string>, bundles: readonly PolicyBundle[]): readonly PolicyBundle[] {
  const names = new Set(bundles.map(({ name }) => name));
  for (const name of sent.keys()) if (!names.has(name)) sent.delete(name);
  const unsent = bundles.filter(({ name, version }) => sent.get(name) !== version);
  for (const { name, version } of unsent) sent.set(name, version);
  return unsent;
}

/** The same of what is planned with a bundle. */
function withUnsent<Planned extends { readonly bundle?: PolicyBundle }>(
  sent: Map<string, string>,
  planned: readonly Planned[],
): readonly Planned[] {
  const unsent = new Set(
    takeUnsent(
      sent,
      planned.flatMap(({ bundle }) => bundle ?? []),
    ),
  );
  return planned.map((each) => {
    if (each.bundle === undefined || unsent.has(each.bundle)) return each;
    const { bundle, ...rest } = each;
    return rest as Planned;
  });
}
