import { resolve, sep } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { PolicyExports } from "../../sandbox/contract.ts";
import type { Bundle } from "../bundle/bundle.ts";
import type { PoliciesError } from "../error.ts";
import { findPolicies, type PolicySource } from "../folder.ts";
import { findOwnPolicies } from "../own-packs.ts";
import { createPackFolder } from "../pack/pack-folder.ts";
import { DEFAULT_RULES, type PackRules } from "../pack/trust.ts";
import {
  type PolicyProblem,
  type PolicySnapshot,
  type PolicyState,
  problemOf,
  type ReloadResult,
} from "./policy-state.ts";
import { createPublishing } from "./publishing.ts";
import { type KnownPolicy, planReload } from "./reload-plan.ts";
import { createGate, createRerun } from "./rerun.ts";
import { readStamps } from "./stamps.ts";
import { type TrackedPolicy, trackPolicy } from "./tracked-policy.ts";
import { createWatcher, type Watcher } from "./watcher.ts";

export interface ReloaderOptions {
  readonly dir: string;
  /** Whether to follow changes; without it, only `reload` looks at the folder again. */
  readonly watch: boolean;
  /** Which packs are believed. Default: what the lock names. */
  readonly packs?: PackRules;
  /** Names of the policies that routes use, the routes of these policies among them. Default: none. */
  usedBy?(policies: readonly PolicyState[]): readonly string[];
  /** Whether a policy of the folder, or of its packs, is to be loaded. Default: all are. */
  wants?(policy: string): boolean;
  /** Holds the folders of the packs that come with the gateway. Default: the gateway's own. */
  readonly ownDir?: string;
  /** What is built for these policies comes to `probe`, if it can be built. */
  onBuilds?(policies: readonly string[]): void;
  /** Load a bundle in a sandbox and say what it exports; rejects with the author's message, frame or stack. */
  probe(bundle: Bundle): Promise<PolicyExports>;
  /** Put the newest state into effect. Called one at a time; what comes meanwhile comes in one later call. */
  onSnapshot(snapshot: PolicySnapshot): Promise<void>;
  onResult(result: ReloadResult): void;
}

export interface Reloader {
  /** Load all policies. What is wrong with one is in the snapshot and does not reject. Later ones go to `onSnapshot`. */
  start(): Promise<PolicySnapshot>;
  /** Look at the folder again and build all of it, or this policy. Settles when the result is in effect. */
  reload(policy?: string): Promise<void>;
  /**
   * Look at the folder again where all of it is another: nothing is in effect until all is built, and then `apply` is called
   * in place of `onSnapshot`, once. One at a time. Rejects as `apply` does; what is new waits then for what is loaded next.
   */
  reloadWhole(apply: (snapshot: PolicySnapshot) => Promise<void>): Promise<void>;
  /**
   * Run a version that was good before, until the file changes or is reloaded. Settles when it is in effect.
   *
   * @param version absent: the one loaded before the current one
   * @returns false when there is none
   */
  rollBack(policy: string, version?: string): Promise<boolean>;
  /** Settles when nothing of it runs any more. */
  close(): Promise<void>;
}

/** A build and its probe take a core each, and the workers want theirs. */
const BUILDS_AT_A_TIME = 2;
/** A file is gone when it has been missing for so long. */
const REMOVAL_GRACE_MS = 1000;

/**
 *   change ─▶ scan: which policies are not what was built? ─▶ build ─▶ probe ─▶ new state ─▶ onSnapshot
 *
 * Each arrow is a request that is never lost and never queued twice: a change at any moment is followed by a scan that
 * sees it, a scan by a build of what it saw. Which file an event was about does not matter, the files are compared.
 */
export function createReloader(options: ReloaderOptions): Reloader {
  const dir = resolve(options.dir);
  const policies = new Map<string, TrackedPolicy>();
  const packs = createPackFolder(dir, options.packs ?? DEFAULT_RULES);
  const scanning = createRerun(scan);
  const removing = createRerun(removeMissing);
  const publishing = createPublishing(publish);
  const closing = new AbortController();
  const tracking = {
    gate: createGate(BUILDS_AT_A_TIME),
    probe: options.probe,
    onInputs: () => watcher?.follow(allInputs()),
    onState: requestPublish,
    onResult: (result: ReloadResult) => {
      if (!isClosed) options.onResult(result);
    },
  };
  let folderProblem: PolicyProblem | undefined;
  let packProblems: readonly PolicyProblem[] = [];
  let named = "";
  let scans = 0;
  let watcher: Watcher | undefined;
  let isStarted = false;
  let isClosed = false;

  async function scan(): Promise<void> {
    scans++;
    if (isClosed) return;
    try {
      const present = await findAll();
      const plan = planReload(knownPolicies(), present, await readStamps(allInputs()));
      if (plan.build.length > 0) options.onBuilds?.(plan.build.map(({ name }) => name));
      for (const source of plan.build) rebuild(source);
      if (plan.remove.length > 0) void removing.request();
      setFolderProblem(undefined);
    } catch (error) {
      setFolderProblem(problemOf(error, Date.now()));
    }
  }

  /**
   * After the builds: what a renamed policy guards must not lie open until its new name is loaded. And not at once: a
   * save, a checkout or a copied folder lets files be missing for a moment.
   */
  async function removeMissing(): Promise<void> {
    await policiesIdle();
    const missing = await findMissing();
    await delay(REMOVAL_GRACE_MS, undefined, { signal: closing.signal }).catch(() => {});
    const stillMissing = await findMissing();
    if (isClosed) return;
    for (const name of stillMissing) if (missing.includes(name)) policies.get(name)!.remove();
    if (stillMissing.some((name) => !missing.includes(name))) void removing.request();
  }

  /** The files of the folder, the policies of packs, and those of the gateway's own that are used. */
  async function findAll(): Promise<readonly PolicySource[]> {
    named = usedNames();
    const [own, packed, used] = await Promise.all([
      findPolicies(dir, { mustExist: holdsPolicies() }),
      packs.find(),
      findOwnPolicies(named.split("\n"), options.ownDir),
    ]);
    reportPacks(packed.problems);
    const found = [...own, ...packed.sources, ...used];
    return options.wants === undefined ? found : found.filter(({ name }) => options.wants?.(name));
  }

  /** As far as is known: not before the first, nor after the removal of the last. */
  function holdsPolicies(): boolean {
    return [...knownPolicies().values()].some(({ file }) => file.startsWith(dir + sep));
  }

  function usedNames(): string {
    return [...(options.usedBy?.(takeSnapshot().policies) ?? [])].sort().join("\n");
  }

  function reportPacks(problems: readonly PoliciesError[]): void {
    const known = packProblems;
    packProblems = problems.map((problem) => problemOf(problem, Date.now()));
    const fresh = packProblems.filter(({ message }) => !known.some((before) => before.message === message));
    for (const problem of fresh) reportFolder(problem);
    if (fresh.length > 0 || known.length > packProblems.length) requestPublish();
  }

  /** What will load them gets ready while this begins to watch. What is wrong with the folder is for the scan to say. */
  async function announceBuilds(): Promise<void> {
    const own = await findPolicies(dir).catch(() => []);
    if (own.length > 0) options.onBuilds?.(own.map(({ name }) => name));
  }

  async function findMissing(): Promise<readonly string[]> {
    const present = await findAll().catch(() => undefined);
    if (present === undefined) return [];
    const names = new Set(present.map(({ name }) => name));
    return [...knownPolicies().keys()].filter((name) => !names.has(name));
  }

  async function policiesIdle(): Promise<void> {
    await Promise.all([...policies.values()].map((policy) => policy.idle()));
  }

  function rebuild(source: PolicySource): void {
    const policy = policies.get(source.name) ?? trackPolicy(source, tracking);
    policies.set(source.name, policy);
    policy.rebuild(source);
  }

  function setFolderProblem(problem: PolicyProblem | undefined): void {
    if (problem?.message === folderProblem?.message) return;
    folderProblem = problem;
    if (problem) reportFolder(problem);
    requestPublish();
  }

  function reportFolder({ message, frame }: Pick<PolicyProblem, "message" | "frame">): void {
    tracking.onResult({ policy: "", file: dir, outcome: "failed", durationMs: 0, message, frame });
  }

  function requestPublish(): void {
    // A route that a policy brings may use one of the gateway's own.
    if (usedNames() !== named) void scanning.request();
    if (isStarted) publishing.request();
  }

  async function publish(): Promise<void> {
    if (isClosed) return;
    try {
      await options.onSnapshot(takeSnapshot());
    } catch (error) {
      reportFolder(problemOf(error, Date.now()));
    }
  }

  function takeSnapshot(): PolicySnapshot {
    const states = [...policies.values()].map(({ state }) => state).filter((state) => state !== undefined);
    return { policies: states.sort(byName), problem: folderProblem ?? packProblems[0] };
  }

  function knownPolicies(): Map<string, KnownPolicy> {
    const known = new Map<string, KnownPolicy>();
    for (const [name, policy] of policies) if (policy.known) known.set(name, policy.known);
    return known;
  }

  function allInputs(): Set<string> {
    const inputs = [...knownPolicies().values()].flatMap(({ stamps }) => (stamps ? [...stamps.keys()] : []));
    return new Set([...packs.follow, ...inputs]);
  }

  /** Nothing runs, and what has ended is in effect. */
  async function settle(): Promise<void> {
    let before: number;
    do {
      before = scans;
      await scanning.idle();
      await removing.idle();
      await policiesIdle();
      // What was loaded may use what is not: that is looked for in a scan of its own.
      await scanning.idle();
    } while (before !== scans);
    await publishing.idle();
  }

  async function reload(name?: string): Promise<void> {
    for (const [each, policy] of policies) if (name === undefined || each === name) policy.forget();
    await scanning.request();
    await settle();
  }

  return {
    async start() {
      await announceBuilds();
      if (options.watch && !isClosed) {
        watcher = await createWatcher({
          dir,
          onChange: () => void scanning.request(),
          onProblem: reportFolder,
        });
        if (isClosed) await watcher.close();
        else watcher.follow(allInputs());
      }
      await scanning.request();
      await settle();
      isStarted = true;
      return takeSnapshot();
    },

    reload,
    reloadWhole: (apply) => publishing.whole(reload, () => apply(takeSnapshot())),

    async rollBack(name, version) {
      const policy = policies.get(name);
      if (policy === undefined) return false;
      // A build under way would end over it.
      await scanning.idle();
      await policy.idle();
      if (!policy.rollBack(version)) return false;
      await publishing.idle();
      return true;
    },

    async close() {
      isClosed = true;
      closing.abort();
      await watcher?.close();
      await settle();
    },
  };
}

function byName(a: PolicyState, b: PolicyState): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
