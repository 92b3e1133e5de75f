import type { FetchedVersion, Revision, SourceDriver } from "./drivers/driver.ts";
import { isTemporary, SourceError } from "./errors.ts";
import { judgeVersion, type SourceRules } from "./judge.ts";
import {
  advanceSource,
  beginSource,
  type SourceCommand,
  type SourceEvent,
  type SourceProblem,
  type SourceState,
  turnedAwayBy,
  waitMs,
} from "./source-state.ts";
import { digestOf, filesBelow, SOURCE_SIGNATURE, type VersionNote } from "./version.ts";
import type { VersionStore } from "./version-store.ts";

export interface SourceOptions {
  readonly driver: SourceDriver;
  readonly store: VersionStore;
  readonly rules: SourceRules;
  readonly everyMs: number;
  /** Of one look. */
  readonly timeoutMs: number;
  /** Folder in it that counts; "": all of it. */
  readonly path: string;
  /** Rejects with what the gateway would have trouble with in a version. */
  check(version: VersionNote): Promise<void>;
  /** Put it into effect; on disk it is the active one already. Rejects where that cannot be: the one before comes back. */
  apply(version: VersionNote): Promise<void>;
  /** Runs an activation when nothing else changes what runs. */
  inTurn(act: () => Promise<void>): Promise<void>;
  /** A version has passed all checks: `activate` it, now or later. */
  onOffer(version: VersionNote): void;
  onNews(news: SourceNews): void;
}

export type SourceNews =
  | { readonly type: "taken"; readonly version: VersionNote; readonly before?: string }
  | ({ readonly type: "problem" } & SourceProblem);

/** What is known of the source at the moment. */
export interface SourceReport extends Pick<SourceState, "phase" | "failures" | "problem"> {
  readonly origin: string;
  readonly active?: VersionNote;
  /** It has passed all checks, and waits for a word. */
  readonly offered?: VersionNote;
  /** Those that are on disk, newest first. */
  readonly versions: readonly VersionNote[];
  /** When the source last gave an answer, milliseconds since 1970. */
  readonly seenAt?: number;
}

export interface Source {
  /**
   * Settles when there is a version to run: the one that ran last, or without one the first that the source gives. Rejects
   * with a SourceError when there is none.
   */
  start(): Promise<void>;
  /** Look whether there is another version. @param again also whether one that was refused is better now */
  look(again?: boolean): void;
  /** Run a version that is offered, or kept. @returns false when there is no such version */
  activate(digest: string): boolean;
  view(): SourceReport;
  /** Settles when nothing of it runs any more. */
  close(): Promise<void>;
}

/** `sha256:` and twelve digits. */
const SHOWN_DIGEST = 19;

export function createSource(options: SourceOptions): Source {
  const { driver, store, rules, path } = options;
  const origin = path === "" ? driver.origin : `${driver.origin}//${path}`;
  const closing = new AbortController();
  const started = Promise.withResolvers<void>();
  started.promise.catch(() => {}); // who waits is told
  let state = beginSource(undefined);
  /** What the source gave last, whatever became of it. */
  let known: Revision | undefined;
  let fetched: FetchedVersion | undefined;
  let seenAt: number | undefined;
  /** Of what is worked at. */
  let digest: string | undefined;
  let waiting: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  /** Who has it looked at before it is known what is on disk has it looked at then, or when the gateway is ready. */
  let isOpen = false;

  function tell(event: SourceEvent): void {
    if (closing.signal.aborted || !isOpen) return;
    const { state: next, commands } = advanceSource(state, event);
    state = next;
    if (state.active !== undefined) started.resolve();
    for (const command of commands) run(command);
  }

  function run(command: SourceCommand): void {
    switch (command.type) {
      case "fetch":
        return work(fetchVersion);
      case "verify":
        return work(verify);
      case "check":
        return work(() => check(command.digest));
      case "activate":
        return work(() => activate(command.digest));
      case "offer":
        return options.onOffer(store.find(command.digest) as VersionNote);
      case "report":
        return report(command.problem);
      case "wait":
        clearTimeout(waiting);
        waiting = setTimeout(look, waitMs(options.everyMs, command.failures, Math.random())).unref();
    }
  }

  function work(act: () => Promise<SourceEvent>): void {
    clearTimeout(waiting);
    working = act()
      .catch((error: Error): SourceEvent => {
        if (!isTemporary(error)) return refusal(error);
        // It may be well the next time.
        known = undefined;
        return { type: "failed", message: error.message };
      })
      .then(tell)
      .catch(recover);
  }

  function refusal(error: Error): SourceEvent {
    const { message } = error;
    const frame = error instanceof SourceError ? error.frame : undefined;
    const version = digest === undefined ? "" : `${digest.slice(0, SHOWN_DIGEST)}… of `;
    return {
      type: "refused",
      message: message.includes(origin) ? message : `${version}${origin}: ${message}`,
      ...(digest !== undefined && { digest }),
      ...(frame !== undefined && { frame }),
    };
  }

  /** A fault of ours. Whatever it is, what runs goes on, and the source is looked at again. */
  function recover(error: Error): void {
    const problem: SourceProblem = { kind: "failed", message: `please report this: ${error.message}` };
    const isNews = state.problem?.message !== problem.message;
    state = { ...beginSource(state.active, state.turnedAway), failures: state.failures + 1, problem };
    known = undefined;
    if (isNews) report(problem);
    if (!closing.signal.aborted) run({ type: "wait", failures: state.failures });
  }

  function report(problem: SourceProblem): void {
    options.onNews({ type: "problem", ...problem });
    if (state.active !== undefined) return;
    const named = problem.message.includes(origin) ? "" : ` ${origin}`;
    const message = `the source${named} has no version to start with, and none is on disk: ${problem.message}`;
    started.reject(new SourceError("ERR_SOURCE_FETCH", message));
  }

  async function fetchVersion(): Promise<SourceEvent> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(options.timeoutMs)]);
    const before = known;
    try {
      const found = await driver.fetch(before, signal);
      seenAt = Date.now();
      if (found === "unchanged") return { type: "unchanged" };
      known = found.revision;
      fetched = found;
      return { type: "fetched" };
    } catch (error) {
      return { type: "failed", message: (error as Error).message };
    }
  }

  async function verify(): Promise<SourceEvent> {
    const { unpack, revision, signatures: beside = [] } = fetched as FetchedVersion;
    fetched = undefined;
    digest = undefined;
    const files = filesBelow(await unpack(), path);
    digest = digestOf(files);
    const inside = files.get(SOURCE_SIGNATURE);
    const signatures = inside ? [...beside, Buffer.from(inside).toString("utf8")] : beside;
    const running = state.active === undefined ? undefined : store.find(state.active)?.signature;
    const signature = judgeVersion({ digest, signatures }, rules, running);
    await store.keep(files, {
      ...{ digest, revision: revision.id, origin, fetchedAt: Date.now(), signatures },
      ...(revision.madeOf !== undefined && { madeOf: revision.madeOf }),
      ...(signature && { signature }),
    });
    return { type: "kept", digest };
  }

  async function check(candidate: string): Promise<SourceEvent> {
    digest = candidate;
    try {
      await options.check(store.find(candidate) as VersionNote);
      return { type: "checked" };
    } catch (error) {
      if (store.find(candidate)?.activatedAt === undefined) await store.drop(candidate);
      throw error;
    }
  }

  async function activate(candidate: string): Promise<SourceEvent> {
    digest = candidate;
    const before = state.active;
    await options.inTurn(() => swap(candidate, before));
    const version = store.find(candidate) as VersionNote;
    options.onNews({ type: "taken", version, ...(before !== undefined && { before }) });
    return { type: "activated" };
  }

  async function swap(digest: string, before: string | undefined): Promise<void> {
    await requireGood(digest);
    await store.activate(digest, Date.now(), turnedAwayBy(digest, state));
    try {
      await options.apply(store.find(digest) as VersionNote);
    } catch (error) {
      if (before !== undefined) await takeBack(before);
      throw new SourceError("ERR_SOURCE_CHECK", (error as Error).message, { cause: error });
    }
  }

  async function takeBack(digest: string): Promise<void> {
    await store.activate(digest, Date.now(), state.turnedAway);
    // What of it runs stays; what is on disk instead does not run.
    if (await store.isWhole(digest)) await options.apply(store.find(digest) as VersionNote);
  }

  /** It may have been kept long ago: the rules, the disk and the keys are as they are now. */
  async function requireGood(digest: string): Promise<void> {
    const note = store.find(digest);
    if (note === undefined) throw new SourceError("ERR_SOURCE_CHECK", `${digest} is not kept any more`);
    judgeVersion(note, rules, undefined);
    if (await store.isWhole(digest)) return;
    const message = `the files of ${digest} are not what they were when it was fetched: it can be run when the source gives it again`;
    throw new SourceError("ERR_SOURCE_CHECK", message);
  }

  function look(): void {
    tell({ type: "look" });
  }

  /** By the rules as they are now. */
  function doubt(note: VersionNote): string | undefined {
    try {
      judgeVersion(note, rules, undefined);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  return {
    async start() {
      await store.open();
      const passedOver: SourceProblem[] = [];
      const good = await store.findGood(doubt, (digest, why) => {
        const message = `${digest.slice(0, SHOWN_DIGEST)}… of ${origin}, which ran before: ${why}`;
        passedOver.push({ kind: "refused", digest, message });
      });
      const tellPassedOver = () => {
        for (const problem of passedOver) options.onNews({ type: "problem", ...problem });
      };
      if (good === undefined) {
        tellPassedOver();
        isOpen = true;
        look();
        return started.promise;
      }
      // Nothing has to be written where the last one is right: the disk may be full.
      const turnedAway = store.list().find(({ isTurnedAway }) => isTurnedAway)?.digest;
      if (!(await store.isActive(good.digest))) await store.activate(good.digest, Date.now(), turnedAway);
      state = beginSource(good.digest, turnedAway);
      tellPassedOver();
      isOpen = true;
      if (good.origin === origin) known = { id: good.revision };
      started.resolve();
    },
    look(again = false) {
      if (again) known = undefined;
      look();
    },
    activate(digest) {
      if (store.find(digest) === undefined) return false;
      tell({ type: "activate", digest });
      return true;
    },
    view() {
      const { phase, failures, problem, active, offered } = state;
      const [running, next] = [active, offered].map((digest) =>
        digest === undefined ? undefined : store.find(digest),
      );
      return {
        ...{ origin, phase, failures, versions: store.list() },
        ...(problem && { problem }),
        ...(running && { active: running }),
        ...(next && { offered: next }),
        ...(seenAt !== undefined && { seenAt }),
      };
    },
    async close() {
      closing.abort();
      clearTimeout(waiting);
      started.reject(new SourceError("ERR_SOURCE_FETCH", "the gateway is stopping"));
      await working;
    },
  };
}
