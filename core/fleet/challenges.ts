import { setTimeout as delay } from "node:timers/promises";
import type { AskChallenge } from "../listen/challenges/challenges.ts";
import type { FleetStore } from "./store.ts";

/** What each gateway of the fleet has an authority answered, so that the authority may ask any of them. */
export interface FleetChallenges {
  /** These are this gateway's, and no others. Rejects when the store has not taken them. @param answers token → text */
  share(answers: Readonly<Record<string, string>>): Promise<void>;
  /** Undefined also when the store cannot be asked. */
  readonly find: AskChallenge;
}

/** Longer than an order takes; one whose gateway has died is gone then. */
const KEPT_MS = 60 * 60_000;
/** An order that fails is not tried again for minutes, and the store may come back sooner. */
const ATTEMPTS = 5;
const RETRY_MS = 1_000;

export function createFleetChallenges(
  store: Pick<FleetStore, "key" | "run">,
  retryMs = RETRY_MS,
): FleetChallenges {
  let shared: readonly string[] = [];
  const keyOf = (token: string) => store.key("acme", token);

  return {
    async share(answers) {
      const before = shared.filter((token) => !Object.hasOwn(answers, token));
      shared = Object.keys(answers);
      const entries = Object.entries(answers);
      const write = () =>
        Promise.all([
          ...before.map((token) => store.run(["DEL", keyOf(token)])),
          ...entries.map(([token, text]) => store.run(["SET", keyOf(token), text, "PX", String(KEPT_MS)])),
        ]);
      // What is only to go goes by itself.
      const attempts = entries.length === 0 ? 1 : ATTEMPTS;
      for (let attempt = 1; ; attempt++) {
        try {
          return void (await write());
        } catch (error) {
          if (attempt === attempts) throw error;
        }
        await delay(retryMs, undefined, { ref: false });
      }
    },
    async find(token) {
      const kept = await store.run(["GET", keyOf(token)]).catch(() => null);
      return typeof kept === "string" && isAnswerTo(token, kept) ? kept : undefined;
    },
  };
}

/** Token and thumbprint (RFC 8555, 8.1): whatever stands in the store, nothing else is said in this machine's name. */
function isAnswerTo(token: string, text: string): boolean {
  return text.startsWith(`${token}.`) && /^[\w-]{43}$/.test(text.slice(token.length + 1));
}
