import type { Broker, CapabilityAnswer, CapabilityAsk } from "../../sandbox/contract/capabilities.ts";
import type { ListenerConfig } from "../config/index.ts";
import type { RoutePlan } from "../routes/route-runtime.ts";
import { keepsAnswers } from "../traffic/recording-choice.ts";
import { wordAsk } from "./word-ask.ts";

/** What a policy was told, as it was: nothing in it is hidden yet. Plain data. */
export interface RawAnswer {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly policy: string;
  readonly kind: "fetch" | "kv" | "rate";
  readonly ask: string;
  readonly answer:
    | { readonly text: string; readonly base64?: string }
    | { readonly error: { readonly name: string; readonly message: string } };
}

export interface KeptAnswers {
  readonly answers: readonly RawAnswer[];
  /** Too large, or given up for newer ones. */
  readonly lost: number;
}

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024;
/** Of the object around the texts, about. */
const OVERHEAD_BYTES = 200;

/**
 * The newest of what policies are told in this process, where every route that has them says that it is kept: an ask does not
 * tell for which session it is. Secrets never are.
 */
export class AnswerLog {
  #routes: readonly RoutePlan[] = [];
  #listeners: readonly Pick<ListenerConfig, "recording">[] = [];
  #policies: ReadonlySet<string> = new Set();
  #answers: { readonly answer: RawAnswer; readonly bytes: number }[] = [];
  #bytes = 0;
  #lost = 0;

  update(routes: readonly RoutePlan[]): void {
    this.#routes = routes;
    this.#review();
  }

  /** The listeners there are now: routes that do not say it go by them, and by each. */
  listen(listeners: readonly Pick<ListenerConfig, "recording">[]): void {
    this.#listeners = listeners;
    this.#review();
  }

  #review(): void {
    const routes = this.#routes;
    const isKept = ({ config }: RoutePlan) => keepsAnswers(config, this.#listeners);
    const others = policiesOf(routes.filter((route) => !isKept(route)));
    this.#policies = new Set([...policiesOf(routes.filter(isKept))].filter((policy) => !others.has(policy)));
  }

  /** A broker that does what this one does, and takes down what it says. */
  watch(broker: Broker): Broker {
    return {
      carryOut: (ask) => {
        const answer = broker.carryOut(ask);
        if (this.#policies.has(ask.policy)) this.#follow(ask, answer);
        return answer;
      },
    };
  }

  read(): KeptAnswers {
    return { answers: this.#answers.map(({ answer }) => answer), lost: this.#lost };
  }

  #follow({ policy, kind, text }: CapabilityAsk, coming: Promise<CapabilityAnswer>): void {
    const ask = wordAsk({ kind, text });
    if (ask === undefined || kind === "secret" || kind === "alert") return;
    const keep = (answer: RawAnswer["answer"], bytes: number) =>
      this.#add({ time: Date.now(), policy, kind, ask, answer }, ask.length + bytes + OVERHEAD_BYTES);
    coming.then(
      ({ text, binary }) => {
        const bytes = text.length + (binary?.length ?? 0);
        if (bytes > MAX_ANSWER_BYTES) this.#lost++;
        else keep({ text, ...(binary && { base64: Buffer.from(binary).toString("base64") }) }, bytes);
      },
      (error: { readonly kind?: string; readonly message?: string }) =>
        keep({ error: { name: error.kind ?? "Error", message: error.message ?? "" } }, 0),
    );
  }

  #add(answer: RawAnswer, bytes: number): void {
    this.#answers.push({ answer, bytes });
    this.#bytes += bytes;
    let gone = 0;
    while (this.#bytes > MAX_BYTES) this.#bytes -= this.#answers[gone++]?.bytes ?? 0;
    // Half of it at once: each alone would move all the others.
    if (gone > 0) {
      const half = Math.max(gone, this.#answers.length >> 1);
      for (const { bytes } of this.#answers.slice(gone, half)) this.#bytes -= bytes;
      this.#answers = this.#answers.slice(half);
      this.#lost += half;
    }
  }
}

function policiesOf(routes: readonly RoutePlan[]): Set<string> {
  return new Set(routes.flatMap(({ chain }) => chain.map(({ policy }) => policy)));
}
