import type { HookName } from "../../../contract/hooks.ts";
import type { HookStats } from "../../../contract/stats.ts";
import type { Initiative, Outcome, Renewal } from "../../../contract/verdicts.ts";
import { MAX_BATCH } from "../../../wire/call-record.ts";
import { HeldCounts } from "./held-counts.ts";

/** What became of the calls of one hook of a policy. Plain numbers: counting is a few additions, asking is rare. */
export class HookCounts {
  calls = 0;
  unchanged = 0;
  replaced = 0;
  dropped = 0;
  replied = 0;
  appended = 0;
  closed = 0;
  rejected = 0;
  faults = 0;
  skipped = 0;
  timeUs = 0;
  #held: HeldCounts | undefined;

  add(outcome: Outcome): void {
    if (outcome.kind === "skipped") {
      this.skipped++;
      return;
    }
    this.calls++;
    switch (outcome.kind) {
      case "unchanged":
        this.unchanged++;
        return;
      case "fault":
        this.faults++;
        return;
      case "upgrade":
      case "unavailable":
        if (outcome.verdict.reject === undefined) this.replaced++;
        else this.rejected++;
        return;
      case "message":
        if (outcome.body !== undefined) this.replaced++;
        if (outcome.drop) this.dropped++;
        if (outcome.reply.length > 0) this.replied++;
        if (outcome.append.length > 0) this.appended++;
        if (outcome.close !== undefined) this.closed++;
        if (outcome.held !== undefined) this.#addHeld(outcome.held);
        return;
      case "tick":
        if (outcome.held !== undefined) this.#addHeld(outcome.held);
        this.#addInitiative(outcome);
        return;
      case "renew":
        this.#addInitiative(outcome);
    }
  }

  #addHeld(held: readonly number[]): void {
    this.#held ??= new HeldCounts();
    this.#held.add(held);
  }

  /** Messages for the client count as replied, those for the server as appended, and a connection that is renewed as replaced. */
  #addInitiative(said: Initiative & Pick<Renewal, "attributes" | "expires">): void {
    if (said.attributes !== undefined || said.expires !== undefined) this.replaced++;
    if (said.toClient.length > 0) this.replied++;
    if (said.toServer.length > 0) this.appended++;
    if (said.close !== undefined) this.closed++;
  }

  /** What another has counted, too. */
  addAll(other: HookCounts): void {
    this.calls += other.calls;
    this.unchanged += other.unchanged;
    this.replaced += other.replaced;
    this.dropped += other.dropped;
    this.replied += other.replied;
    this.appended += other.appended;
    this.closed += other.closed;
    this.rejected += other.rejected;
    this.faults += other.faults;
    this.skipped += other.skipped;
    this.timeUs += other.timeUs;
    if (other.#held === undefined) return;
    this.#held ??= new HeldCounts();
    this.#held.addAll(other.#held);
  }

  read(hook: HookName): HookStats {
    const { calls, unchanged, replaced, dropped, replied, appended, closed, rejected } = this;
    const { faults, skipped, timeUs } = this;
    return {
      hook,
      ...{ calls, unchanged, replaced, dropped, replied, appended, closed, rejected, faults, skipped },
      timeUs: Math.round(timeUs),
      ...(this.#held !== undefined && { held: this.#held.read() }),
    };
  }
}

/** How many calls went into the isolates together, by powers of two. */
export class BatchCounts {
  readonly #counts = new Array<number>(bounds.length).fill(0);
  #calls = 0;

  add(calls: number): void {
    this.#calls += calls;
    const power = calls <= 1 ? 0 : 32 - Math.clz32(calls - 1);
    this.#counts[power] = (this.#counts[power] ?? 0) + 1;
  }

  read(): { readonly calls: number; readonly upTo: readonly (readonly [calls: number, batches: number])[] } {
    return {
      calls: this.#calls,
      upTo: bounds.map((bound, power) => [bound, this.#counts[power] ?? 0] as const),
    };
  }
}

const bounds = Array.from({ length: Math.log2(MAX_BATCH) + 1 }, (_, power) => 2 ** power);
