import type { Answer } from "../wire/answers.ts";
import { ASK_KIND, type Ask } from "../wire/ask-texts.ts";
import { encodeAsk } from "../wire/asks.ts";
import { NO_CALL } from "../wire/call-record.ts";
import type { HostMessage, InstanceLoss, WireLogLine } from "../wire/control.ts";
import type { LoadResult } from "../wire/guest-entry.ts";
import { encodeResults } from "../wire/results.ts";
import type { SharedMemory } from "../wire/shared-memory.ts";
import { createAskBox } from "./ask-box.ts";
import type { HostedPolicyParts } from "./hosted-policy.ts";
import type { GuestEars } from "./isolate-boot.ts";

/** Tells the client what comes out of one isolate: log lines, what the policy asks for, results, its end. */
export interface Reporter extends Pick<GuestEars, "log" | "ask"> {
  /** What was asked for is done: tells it if the policy still waits for it. */
  answer(answer: Answer): void;
  /** How much the policy waits for. */
  openAsks(): number;
  /**
   * An entry is over. Hands on all that it has left, results with the time that no results have told yet.
   *
   * @returns whether there were any
   */
  entered(memory: SharedMemory, left: EntryLeftovers): boolean;
  loaded(result: LoadResult): void;
  lost(memory: SharedMemory, loss: Omit<InstanceLoss, "type" | "instance" | "culprit">): void;
  /** The heap is above the soft limit. */
  tired(): void;
}

export interface EntryLeftovers {
  readonly text: string;
  /** Asked when there is one. */
  binary(): Uint8Array | undefined;
  readonly spentUs: number;
}

/** Most log lines of one entry; the guest lets through 64 a call. */
const MAX_LOG_LINES = 1024;
const MAX_ERROR_TEXT = 512;

/** @param onAnswer What the policy waits for has come. */
export function createReporter(
  { id, out, lone, subtle }: Pick<HostedPolicyParts, "id" | "out" | "lone" | "subtle">,
  onAnswer: (answer: Answer) => void,
): Reporter {
  const asks = createAskBox();
  let lines: WireLogLine[] = [];

  function send(message: HostMessage): void {
    out.control(message);
  }

  function flushLines(): void {
    if (lines.length === 0) return;
    send({ type: "log", instance: id, lines });
    lines = [];
  }

  function handOn(ask: Ask): void {
    if (ask.kind !== ASK_KIND.subtle) {
      encodeAsk(out, id, ask);
      return;
    }
    subtle(ask.text, ask.binary, ask.deadline).then(
      ({ text, binary }) => answer({ id: ask.id, isGood: true, text, binary }),
      (error) => answer({ id: ask.id, isGood: false, text: describeError(error) }),
    );
  }

  function answer(one: Answer): void {
    if (asks.settle(one.id)) onAnswer(one);
  }

  return {
    ask: asks.ask,

    log(...line) {
      if (lines.length < MAX_LOG_LINES) lines.push(line);
    },

    answer,
    openAsks: asks.open,

    entered(memory, left) {
      // Before the results: the client forgets a seat when the last call of it settles, and whose lines these are.
      flushLines();
      for (const ask of asks.take()) handOn(ask);
      const { resultCount: count, results: records } = memory;
      if (count === 0) return false;
      const binary = memory.binaryBytes > 0 ? left.binary() : undefined;
      const { text, spentUs } = left;
      const isLone = count === 1 && text === "" && binary === undefined;
      // Told before all frames: there may be none that is to be told first.
      if (isLone && lone?.isEmpty && out.isEmpty) lone.write(id, records, spentUs);
      else encodeResults(out, id, { count, records, text, binary, spentUs });
      return true;
    },

    loaded(result) {
      flushLines();
      send({ type: "loaded", instance: id, result });
    },

    lost({ running }, loss) {
      flushLines();
      const culprit = running === NO_CALL ? {} : { culprit: running };
      send({ type: "lost", instance: id, ...culprit, ...loss });
    },

    tired: () => send({ type: "tired", instance: id }),
  };
}

function describeError(error: unknown): string {
  const { name = "Error", message = "" } = error as Partial<Error>;
  return JSON.stringify({ name, message: message.slice(0, MAX_ERROR_TEXT) });
}
