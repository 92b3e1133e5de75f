import type { Broker, CapabilityAsk } from "../../sandbox/contract/capabilities.ts";
import type { Grants } from "../../sandbox/index.ts";
import type { RecordedEvent } from "../recording/format.ts";
import { wordAsk } from "../recording/word-ask.ts";
import { createReplayBroker } from "../replay/recorded-answers.ts";

/** What a policy asked for, and how it was answered in place of doing it. */
export interface TrialAsk {
  readonly policy: string;
  readonly kind: CapabilityAsk["kind"];
  /** As in `GET https://…` or `get key`; "" where the kind says it all. */
  readonly ask: string;
  /** `recorded`: as when the message came; `empty`: out of a store that began empty; `refused`: with an error. */
  readonly answer: "recorded" | "empty" | "refused" | "placeholder" | "swallowed";
  /** Of `refused`: what the policy was told. */
  readonly message: string;
}

export interface TrialBrokerOptions {
  readonly grants: Grants | undefined;
  readonly events: readonly RecordedEvent[];
}

/** Nothing that policies ask for is performed: it is answered as in a replay, and told of. */
export function createTrialBroker(
  { grants, events }: TrialBrokerOptions,
  tell: (ask: TrialAsk) => void,
): Broker {
  const broker = createReplayBroker(events, () => grants, Date.now, wordUnanswered);
  const recorded = new Set(
    events.flatMap((event) =>
      event.type === "capability" ? [JSON.stringify([event.policy, event.kind, event.ask])] : [],
    ),
  );
  return {
    async carryOut(ask) {
      const { policy, kind } = ask;
      const words = wordAsk(ask) ?? "";
      const answer = recorded.has(JSON.stringify([policy, kind, words])) ? "recorded" : ANSWERS[kind];
      try {
        const answered = await broker.carryOut(ask);
        tell({ policy, kind, ask: words, answer, message: "" });
        return answered;
      } catch (error) {
        tell({ policy, kind, ask: words, answer: "refused", message: (error as Error).message });
        throw error;
      }
    },
  };
}

const ANSWERS: Readonly<Record<CapabilityAsk["kind"], TrialAsk["answer"]>> = {
  fetch: "refused",
  kv: "empty",
  rate: "empty",
  secret: "placeholder",
  alert: "swallowed",
};

function wordUnanswered(method: string, url: string): string {
  return `a run outside of traffic asks nobody, and no answer to ${method} ${url} is recorded`;
}
