import type { PolicyBundle, PreparedPolicy, Sandbox } from "../../sandbox/contract.ts";
import { type createBroker, SandboxError } from "../../sandbox/index.ts";
import type { Mirrors } from "../mirror/mirrors.ts";
import type { AnswerLog } from "../recording/answer-log.ts";
import type { SecretValues } from "../redaction/secret-values.ts";
import type { CanaryShares } from "../routes/canary-shares.ts";
import type { RoutePlan } from "../routes/route-runtime.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import type { EnginePlan, LoadedAhead, PlanFailure } from "./engine-plan.ts";
import type { Farewell } from "./farewell.ts";
import type { RunningRoutes } from "./running-routes.ts";
import type { SessionBook } from "./session-book.ts";

/** What a plan is brought into. */
export interface PlannedParts {
  readonly sandbox: Pick<
    Sandbox,
    "isolate" | "quarantine" | "isSeated" | "prepare" | "promote" | "remove" | "reviewSides" | "withdraw"
  >;
  readonly canaries: Pick<CanaryShares, "update">;
  readonly broker: Pick<ReturnType<typeof createBroker>, "update">;
  readonly upstreams: Pick<Upstreams, "update">;
  readonly answerLog: Pick<AnswerLog, "update">;
  readonly mirrors: Pick<Mirrors, "review">;
  readonly routes: RunningRoutes;
  readonly book: SessionBook;
  readonly farewell: Pick<Farewell, "review">;
  /** From now on these values are not shown. */
  hide(secrets: SecretValues): void;
}

/** What a plan brings that was not there, loaded and not in force yet. */
interface Preparation {
  readonly prepared: PreparedPolicy[];
  /** To be on their way. */
  readonly canaries: PreparedPolicy[];
  /** They were on their way, and are to be the current versions. */
  readonly promoted: PolicyBundle[];
  readonly failures: PlanFailure[];
}

/** Brings plans into force: loads what changed beside the old, then swaps all of it at once. */
export class PlanApplication {
  readonly #parts: PlannedParts;
  readonly #loaded = new Set<string>();
  /** The version of each policy that is on its way. */
  readonly #onTheirWay = new Map<string, string>();
  /** Versions that no plan has named yet, the newest of each policy. */
  readonly #ahead = new Map<string, PreparedPolicy>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: PlannedParts) {
    this.#parts = parts;
  }

  async loadAhead(bundle: PolicyBundle, isKept: boolean): Promise<LoadedAhead> {
    try {
      const prepared = await this.#parts.sandbox.prepare(bundle);
      this.#ahead.get(bundle.name)?.discard();
      this.#ahead.delete(bundle.name);
      if (isKept) this.#ahead.set(bundle.name, prepared);
      else prepared.discard();
      return { ok: true, exports: prepared.exports };
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      const { code, message, frame, stack = "" } = error;
      return { ok: false, error: { code, message, frame, stack } };
    }
  }

  /** @returns the versions that could not be loaded: of their policies the one before stays in place */
  apply(plan: EnginePlan): Promise<readonly PlanFailure[]> {
    // One at a time: a plan that came earlier must not end up over a later one.
    const applied = this.#last.then(() => this.#carryOut(plan));
    this.#last = applied.catch(() => {});
    return applied;
  }

  /** Policies that no chain has, and in which no connection has a seat. */
  removeUnused(): void {
    for (const policy of this.#loaded) this.removeIfUnused(policy);
  }

  /** The same for one of them. Asked after each upgrade of an idle route: the others are not looked at. */
  removeIfUnused(policy: string): void {
    const { routes, sandbox } = this.#parts;
    if (!this.#loaded.has(policy) || routes.policies().has(policy) || sandbox.isSeated(policy)) return;
    this.#loaded.delete(policy);
    this.#onTheirWay.delete(policy);
    sandbox.remove(policy);
  }

  async #carryOut(plan: EnginePlan): Promise<readonly PlanFailure[]> {
    const { sandbox } = this.#parts;
    sandbox.quarantine(plan.quarantine);
    sandbox.isolate(new Map(plan.groups));
    this.#withdraw(plan);
    const preparation = await this.#prepare(plan);
    const { broker, upstreams, answerLog, hide } = this.#parts;
    broker.update(plan.capabilities);
    hide(plan.capabilities.secrets);
    const changed = this.#commit(plan, preparation);
    const configs = plan.routes.map(({ config }) => config);
    upstreams.update(
      plan.upstreams,
      configs.flatMap(({ upstream, replaced = [] }) => [upstream, ...replaced]),
      plan.drained?.servers,
    );
    const { isAll = false, routes = [] } = plan.drained ?? {};
    this.#parts.routes.drain(isAll ? configs.map(({ name }) => name) : routes);
    answerLog.update(plan.routes);
    this.#swapRoutes(plan.routes, changed);
    this.#parts.mirrors.review();
    this.removeUnused();
    return preparation.failures;
  }

  /** What is not to be on its way any more goes at once, and waits for nothing that is loaded. */
  #withdraw({ bundles, canaries }: EnginePlan): void {
    const { sandbox, routes } = this.#parts;
    const stay = new Set([
      ...canaries.map(({ policy, version }) => keyOf(policy, version)),
      ...bundles.map(({ name, version }) => keyOf(name, version)),
    ]);
    for (const [policy, version] of this.#onTheirWay) {
      if (stay.has(keyOf(policy, version))) continue;
      this.#onTheirWay.delete(policy);
      sandbox.withdraw(policy);
      // It may have had other hooks.
      routes.refresh();
    }
  }

  /** @returns the policies whose current version is another */
  #commit(plan: EnginePlan, { prepared, canaries, promoted }: Preparation): ReadonlySet<string> {
    const { sandbox, canaries: shares } = this.#parts;
    for (const policy of prepared) policy.commit();
    for (const { name, version } of promoted) {
      sandbox.promote(name, version);
      this.#onTheirWay.delete(name);
    }
    shares.update(plan.canaries);
    for (const policy of canaries) {
      policy.commitBeside();
      this.#onTheirWay.set(policy.name, policy.version);
    }
    sandbox.reviewSides();
    const changed = new Set([...prepared, ...promoted].map(({ name }) => name));
    for (const name of changed) this.#loaded.add(name);
    return changed;
  }

  async #prepare({ bundles, canaries }: EnginePlan): Promise<Preparation> {
    const preparation: Preparation = { prepared: [], canaries: [], promoted: [], failures: [] };
    const { prepared, promoted, failures } = preparation;
    const isOnItsWay = ({ name, version }: PolicyBundle) => this.#onTheirWay.get(name) === version;
    for (const bundle of bundles) {
      if (isOnItsWay(bundle)) promoted.push(bundle);
      else await this.#load(bundle, prepared, failures);
    }
    for (const { bundle } of canaries)
      if (bundle !== undefined && !isOnItsWay(bundle))
        await this.#load(bundle, preparation.canaries, failures);
    for (const unused of this.#ahead.values()) unused.discard();
    this.#ahead.clear();
    return preparation;
  }

  async #load(bundle: PolicyBundle, prepared: PreparedPolicy[], failures: PlanFailure[]): Promise<void> {
    try {
      prepared.push(this.#takeAhead(bundle) ?? (await this.#parts.sandbox.prepare(bundle)));
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      const { code, message } = error;
      const isHostFault = code === "ERR_HOST_START";
      failures.push({ policy: bundle.name, version: bundle.version, message, isHostFault });
    }
  }

  #takeAhead({ name, version }: PolicyBundle): PreparedPolicy | undefined {
    const ahead = this.#ahead.get(name);
    if (ahead?.version !== version) return undefined;
    this.#ahead.delete(name);
    return ahead;
  }

  #swapRoutes(plans: readonly RoutePlan[], changed: ReadonlySet<string>): void {
    const { routes, book, farewell } = this.#parts;
    const { outdated, removed } = routes.swap(plans, changed);
    for (const session of book.sessions()) {
      const runtime = [...outdated, ...removed].find(({ name }) => name === session.route);
      session.review();
      farewell.review(session, {
        isRemoved: runtime !== undefined && removed.includes(runtime),
        isEnabled: !routes.isDisabled(session.route),
        // Whoever drains the route closes those that are open, at his pace.
        isDrained: false,
        isOutdated: runtime !== undefined,
        recycleSpreadMs: session.recycleSpreadMs ?? runtime?.config.session.recycleSpreadMs,
        removal: runtime?.config.session.removal,
      });
    }
  }
}

function keyOf(policy: string, version: string): string {
  return `${version} ${policy}`;
}
