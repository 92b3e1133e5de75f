import { type RedisReply, watchSilence } from "../../../sandbox/index.ts";
import type { StoreAnswer, StoreQuestion } from "../../leases/caps/cap-store.ts";
import { ANSWER_PATIENCE_MS, isBusy } from "../store-faults.ts";
import { readSettled } from "./cap-scripts.ts";
import type { HeldCap } from "./held-cap.ts";

export interface CapCall {
  readonly key: string;
  readonly entry: HeldCap;
  readonly question: StoreQuestion;
}

interface OpenCall extends CapCall {
  answer(answer: StoreAnswer | undefined): void;
}

export interface CapCallsOptions {
  /** One script for all of them. */
  run(calls: readonly CapCall[]): Promise<RedisReply>;
  /** The node's lease had ended. */
  onGone(): void;
  onLost(reason: string): void;
}

export interface CapCalls {
  /** Undefined: it could not be asked, or nobody knows what came of it. */
  ask(call: CapCall): Promise<StoreAnswer | undefined>;
  /** Who waits does not wait any longer. */
  giveUp(): void;
}

/** Redis does nothing else while it carries out one. */
const MOST_IN_SCRIPT = 64;
/** The others wait here: what is on its way holds up whoever else asks Redis. */
const MOST_SCRIPTS = 2;

/** Questions about caps of one group, many in one script. One that is old is no silence while others are answered. */
export function createCapCalls({ run, onGone, onLost }: CapCallsOptions): CapCalls {
  let waiting: OpenCall[] = [];
  const sent = new Set<readonly OpenCall[]>();
  let isSending = false;
  let silence = watch();

  function watch() {
    return watchSilence(ANSWER_PATIENCE_MS, () => {
      silence = watch();
      onLost(`it gave no answer for ${ANSWER_PATIENCE_MS} ms`);
    });
  }

  /** All that are asked in one turn go together. */
  function sendSoon(): void {
    if (isSending) return;
    isSending = true;
    queueMicrotask(() => {
      isSending = false;
      while (waiting.length > 0 && sent.size < MOST_SCRIPTS) void send(waiting.splice(0, MOST_IN_SCRIPT));
    });
  }

  async function send(calls: readonly OpenCall[]): Promise<void> {
    const heard = silence;
    heard.begin();
    sent.add(calls);
    for (const { entry } of calls) entry.said = undefined;
    try {
      const { wasGone, caps } = readSettled(await run(calls), calls.length);
      // What it says later is not what was said here.
      if (!sent.has(calls)) {
        for (const { entry } of calls) entry.said = undefined;
        return;
      }
      if (wasGone) onGone();
      for (const [index, { entry, question, answer }] of calls.entries()) {
        const { over, ...settled } = caps[index]!;
        Object.assign(entry, { said: question.holding + settled.granted, over, toldAt: performance.now() });
        answer(settled);
      }
    } catch (error) {
      const wasGivenUp = !sent.has(calls);
      for (const { answer } of calls) answer(undefined);
      if (!wasGivenUp && !isBusy(error)) onLost((error as Error).message);
    } finally {
      heard.end();
      sent.delete(calls);
      sendSoon();
    }
  }

  return {
    ask(call) {
      const { promise, resolve } = Promise.withResolvers<StoreAnswer | undefined>();
      waiting.push({ ...call, answer: resolve });
      sendSoon();
      return promise;
    },
    giveUp() {
      const all = [...sent].flat().concat(waiting);
      sent.clear();
      waiting = [];
      for (const { answer } of all) answer(undefined);
    },
  };
}
