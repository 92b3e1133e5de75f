import type { PolicyBundle, PreparedPolicy, Sandbox } from "../../sandbox/contract.ts";
import { type createBroker, SandboxError } from "../../sandbox/index.ts";
import type { AnswerLog } from "../recording/answer-log.ts";
import type { SecretValues } from "../redaction/secret-values.ts";
import type { RoutePlan } from "../routes/route-runtime.ts";
import type { EngineRecorder } from "../traffic/engine-recorder.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import type { EnginePlan, LoadedAhead, PlanFailure } from "./engine-plan.ts";
import type { Farewell } from "./farewell.ts";
import type { RunningRoutes } from "./running-routes.ts";
import type { SessionBook } from "./session-book.ts";

/** What a plan is brought into. */
export interface PlannedParts {
  readonly sandbox: Pick<Sandbox, "isolate" | "quarantine" | "isSeated" | "prepare" | "remove">;
  readonly broker: Pick<ReturnType<typeof createBroker>, "update">;
  readonly upstreams: Pick<Upstreams, "update">;
  readonly recorder: Pick<EngineRecorder, "update">;
  readonly answerLog: Pick<AnswerLog, "update">;
  readonly routes: RunningRoutes;
  readonly book: SessionBook;
  readonly farewell: Pick<Farewell, "review">;
  /** From now on these values are not shown. */
  hide(secrets: SecretValues): void;
}

/** Brings plans into force: loads what changed beside the old, then swaps all of it at once. */
export class PlanApplication {
  readonly #parts: PlannedParts;
  readonly #loaded = new Set<string>();
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
    sandbox.remove(policy);
  }

  async #carryOut(plan: EnginePlan): Promise<readonly PlanFailure[]> {
    const { sandbox } = this.#parts;
    sandbox.quarantine(plan.quarantine);
    sandbox.isolate(new Map(plan.groups));
    const { prepared, failures } = await this.#prepare(plan);
    const { broker, upstreams, recorder, answerLog, hide } = this.#parts;
    broker.update(plan.capabilities);
    hide(plan.capabilities.secrets);
    for (const policy of prepared) {
      policy.commit();
      this.#loaded.add(policy.name);
    }
    const configs = plan.routes.map(({ config }) => config);
    upstreams.update(
      plan.upstreams,
      configs.flatMap(({ upstream, replaced = [] }) => [upstream, ...replaced]),
      plan.drained?.servers,
    );
    recorder.update(configs);
    this.#parts.routes.drain(plan.drained?.routes);
    answerLog.update(plan.routes);
    this.#swapRoutes(plan.routes, new Set(prepared.map(({ name }) => name)));
    this.removeUnused();
    return failures;
  }

  async #prepare({ bundles }: EnginePlan): Promise<{ prepared: PreparedPolicy[]; failures: PlanFailure[] }> {
    const prepared: PreparedPolicy[] = [];
    const failures: PlanFailure[] = [];
    for (const bundle of bundles) {
      try {
        prepared.push(this.#takeAhead(bundle) ?? (await this.#parts.sandbox.prepare(bundle)));
      } catch (error) {
        if (!(error instanceof SandboxError)) throw error;
        const { code, message } = error;
        const isHostFault = code === "ERR_HOST_START";
        failures.push({ policy: bundle.name, version: bundle.version, message, isHostFault });
      }
    }
    for (const unused of this.#ahead.values()) unused.discard();
    this.#ahead.clear();
    return { prepared, failures };
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
        recycleSpreadMs: runtime?.config.session.recycleSpreadMs,
        removal: runtime?.config.session.removal,
      });
    }
  }
}
