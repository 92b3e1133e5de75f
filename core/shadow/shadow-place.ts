import type { FaultReason } from "../../sandbox/contract/faults.ts";
import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import type { ConnectionContext, HookCall, PolicyExports, Sandbox, Seat } from "../../sandbox/contract.ts";
import type { VerdictView } from "../verdicts/verdict-view.ts";
import {
  copyPayload,
  copyVerdict,
  differingParts,
  showPayload,
  showVerdict,
  sizeOf,
} from "./copied-verdict.ts";
import type { Copies } from "./copies.ts";
import type { BookedShadow, ShadowBook } from "./shadow-book.ts";
import type { ShadowResult } from "./shadow-report.ts";

/** What the places of all shadows of a process share. */
export interface ShadowParts {
  readonly copies: Copies;
  readonly book: Pick<ShadowBook, "add" | "wantsSample" | "sample">;
  readonly sandbox: Pick<Sandbox, "exports" | "seat">;
  /** The traffic's own calls wait: a shadow has no time. */
  isHeldUp(): boolean;
  /** What the shadow of this name has kept is not what it would be. */
  hasLostWrites(shadow: string): boolean;
  onNews(news: ShadowNews): void;
}

/** The first time that a version of a shadow says otherwise, or fails, in a hook. */
export interface ShadowNews extends BookedShadow {
  readonly version: string;
  readonly hook: HookName;
  readonly result: "differs" | "failed";
  readonly kinds: readonly string[];
  /** What went wrong; "" when nothing did. */
  readonly detail: string;
  readonly route: string;
  readonly session: string;
}

/** One call whose real verdict is there. */
interface Copied {
  readonly call: Pick<HookCall, "hook" | "payload" | "sequence" | "time">;
  readonly real: VerdictView;
  /** The policy has given a verdict, or failed by itself. */
  readonly isComparable: boolean;
}

/** The connection's context is another. */
interface News {
  readonly context: string;
  readonly renewed: Pick<ConnectionContext, "attributes" | "expires">;
  /** So many calls come before it. */
  readonly behind: number;
}

/** Of a call and its verdict, beside their bodies. */
const OVERHEAD_BYTES = 512;

const LOST_WRITES = "its overlay of kv is full: until another version nothing of it is compared";

/** Other faults tell of the machine, and of whoever else is on it. */
const OWN_FAULTS: ReadonlySet<FaultReason> = new Set<FaultReason>(["throw", "verdict"]);

/**
 * One connection's place in a shadow: as the seat in the policy itself, with a `session` of its own. A call that is lost
 * leaves that `session` behind what it would be, so that the place is given up with it.
 */
export class ShadowPlace {
  readonly #parts: ShadowParts;
  readonly #shadow: BookedShadow;
  readonly #place: Parameters<Sandbox["seat"]>;
  #seat: Seat | undefined;
  /** Nothing is compared any more. */
  #isGivenUp = false;
  #isClosed = false;
  #called = 0;
  #settled = 0;
  /** Waits for the calls before it. */
  #news: News | undefined;
  /** What comes behind the news, in order. */
  readonly #held: (() => void)[] = [];

  constructor(parts: ShadowParts, shadow: BookedShadow, place: Parameters<Sandbox["seat"]>) {
    this.#parts = parts;
    this.#shadow = shadow;
    this.#place = place;
  }

  /**
   * To be called before the verdict goes on: whoever gets it may write over its bytes. Never throws.
   *
   * @param version that has given the verdict
   */
  copy(call: HookCall, outcome: Outcome, version: string): void {
    const exports = this.#parts.sandbox.exports(this.#shadow.name);
    if (exports === undefined) return this.#giveUp();
    if (this.#isCanaryItself(version, exports.version)) return;
    try {
      this.#copy(call, outcome, exports);
    } catch {
      // There is no memory for it.
      this.#lose(call.hook);
    }
  }

  #copy(call: HookCall, outcome: Outcome, exports: PolicyExports): void {
    const { copies } = this.#parts;
    const { hook, sequence, time } = call;
    const bytes = call.payload.bytes.length + sizeOf(outcome) + OVERHEAD_BYTES;
    if (this.#isGivenUp || this.#parts.isHeldUp() || !copies.hasRoom(this.#shadow.name, bytes))
      return this.#lose(hook);
    const payload = copyPayload(call.payload);
    const copied = {
      call: { hook, payload, sequence, time },
      real: copyVerdict(outcome, payload),
      isComparable: isOwnDoing(outcome),
    };
    const isCalled = exports.hooks.includes(hook);
    copies.add(this.#shadow.name, bytes, () =>
      this.#inOrder(() => {
        if (isCalled) return this.#call(copied, bytes);
        copies.settle(this.#shadow.name, bytes);
        this.#take(copied, { kind: "unchanged" });
      }),
    );
  }

  renew(context: string, renewed: Pick<ConnectionContext, "attributes" | "expires">): void {
    if (this.#isGivenUp) return;
    if (!this.#parts.copies.hasRoom(this.#shadow.name, OVERHEAD_BYTES)) return this.#giveUp();
    this.#parts.copies.add(this.#shadow.name, OVERHEAD_BYTES, () =>
      this.#inOrder(() => {
        this.#parts.copies.settle(this.#shadow.name, OVERHEAD_BYTES);
        this.#place[2] = context;
        this.#news = { context, renewed, behind: this.#called };
        this.#tellNews();
      }),
    );
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#parts.copies.follow(() => this.#inOrder(() => this.#seat?.close()));
  }

  /** Of a session that is on the side of the version on its way there is nothing to compare. */
  #isCanaryItself(real: string, shadow: string | undefined): boolean {
    return this.#shadow.isCanary && real === shadow;
  }

  #giveUp(): void {
    this.#isGivenUp = true;
    this.close();
  }

  #lose(hook: HookName): void {
    this.#giveUp();
    this.#parts.book.add(this.#shadow, { hook, version: "", result: "lost", kinds: [] });
  }

  #call(copied: Copied, bytes: number): void {
    this.#seat ??= this.#parts.sandbox.seat(...this.#place);
    this.#called++;
    this.#seat.submit({
      ...copied.call,
      settle: (outcome) => {
        this.#parts.copies.settle(this.#shadow.name, bytes);
        this.#settled++;
        this.#tellNews();
        this.#take(copied, outcome);
      },
    });
  }

  /** Behind the calls before it: one of them may renew by itself, and what the policy has said is what counts. */
  #tellNews(): void {
    if (this.#news === undefined || this.#settled < this.#news.behind) return;
    const { context, renewed } = this.#news;
    this.#news = undefined;
    this.#seat?.renew(context, renewed);
    for (const act of this.#held.splice(0)) this.#inOrder(act);
  }

  /** A call that comes after the news must see it, and the news may still wait. */
  #inOrder(act: () => void): void {
    if (this.#news === undefined) act();
    else this.#held.push(act);
  }

  #take(copied: Copied, outcome: Outcome): void {
    const { book, sandbox } = this.#parts;
    const { call, real, isComparable } = copied;
    const { hook } = call;
    const version = this.#seat?.version ?? sandbox.exports(this.#shadow.name)?.version ?? "";
    const shadow = copyVerdict(outcome, call.payload);
    const fault = outcome.kind === "fault" ? outcome.fault : undefined;
    const hasLost = this.#parts.hasLostWrites(this.#shadow.name);
    const hasBoth = isComparable && isOwnDoing(outcome) && !hasLost;
    const kinds = hasBoth ? differingParts(real, shadow, call.payload) : [];
    const result: ShadowResult = !hasBoth ? "failed" : kinds.length > 0 ? "differs" : "same";
    const isNews = book.add(this.#shadow, { hook, version, result, kinds });
    if (result === "same") return;
    const { route } = this.#place[0];
    const session = this.#place[1];
    if (isNews) {
      const detail = fault?.message ?? (hasLost ? LOST_WRITES : "");
      this.#parts.onNews({ ...this.#shadow, version, hook, result, kinds, detail, route, session });
    }
    if (result === "differs" && book.wantsSample(this.#shadow, hook, kinds))
      this.#sample(copied, shadow, { version, kinds, route, session });
  }

  #sample(
    { call: { hook, payload, sequence }, real }: Copied,
    verdict: VerdictView,
    about: Pick<ShadowNews, "version" | "kinds" | "route" | "session">,
  ): void {
    const isMessage = hook === "client" || hook === "server";
    this.#parts.book.sample(this.#shadow, {
      ...about,
      time: Date.now(),
      hook,
      sequence,
      input: isMessage ? showPayload(payload) : null,
      real: showVerdict(real),
      shadow: showVerdict(verdict),
    });
  }
}

function isOwnDoing(outcome: Outcome): boolean {
  return outcome.kind !== "fault" || OWN_FAULTS.has(outcome.fault.reason);
}
