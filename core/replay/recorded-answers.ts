import type { Broker, CapabilityAnswer, CapabilityAsk } from "../../sandbox/contract/capabilities.ts";
import {
  CapabilityError,
  createBroker,
  createMemoryKv,
  type FetchGrant,
  type Grants,
  takeFromMemory,
} from "../../sandbox/index.ts";
import type { CapabilityLine, RecordedEvent } from "../recording/format.ts";
import { wordAsk } from "../recording/word-ask.ts";

/**
 * What policies ask for, answered out of the recording: the same question gets the recorded answers in their order. What
 * was not recorded is asked of a `kv` that begins empty, and of `rates` that begin full; a `fetch` fails, and a secret is a placeholder.
 *
 * @param grants what policies may do, as of now; undefined: anything
 * @param word what a policy is told whose `fetch` has no recorded answer
 */
export function createReplayBroker(
  events: readonly RecordedEvent[],
  grants: () => Grants | undefined,
  now: () => number,
  word: WordUnanswered = wordUnrecorded,
): Broker {
  const asked = Map.groupBy(
    events.filter((event) => event.type === "capability"),
    ({ policy, kind, ask }) => keyOf(policy, kind, ask),
  );
  const recorded = new Map([...asked].map(([key, lines]) => [key, lines.values()]));
  const kv = createMemoryKv({ now });
  const takeRate = takeFromMemory(now);
  const fetcher = {
    fetch: ({
      wire: { method, url },
    }: {
      readonly wire: { readonly method: string; readonly url: string };
    }) => Promise.reject<CapabilityAnswer>(new CapabilityError("TypeError", word(method, url))),
  };

  function brokerFor(ask: CapabilityAsk): Broker {
    const name = ask.kind === "secret" ? secretName(ask.text) : undefined;
    const names = name === undefined ? [] : [name];
    const secrets = Object.fromEntries(names.map((each) => [each, `[secret ${each}]`]));
    const all: Grants = { "*": { kv: {}, rates: {}, fetch: ANY_SERVER, secrets: names, alert: true } };
    return createBroker({ grants: grants() ?? all, secrets, kv, takeRate, fetcher, alert() {} });
  }

  return {
    async carryOut(ask) {
      const line = recorded.get(keyOf(ask.policy, ask.kind, wordAsk(ask) ?? ""))?.next().value;
      return line === undefined ? brokerFor(ask).carryOut(ask) : answerOf(line.answer);
    },
  };
}

const ANY_SERVER: FetchGrant = {
  hosts: ["*:*"],
  methods: ["*"],
  maxRequestBytes: Number.POSITIVE_INFINITY,
  maxResponseBytes: Number.POSITIVE_INFINITY,
  timeoutMs: 60_000,
  private: true,
};

function keyOf(policy: string, kind: string, ask: string): string {
  return JSON.stringify([policy, kind, ask]);
}

type WordUnanswered = (method: string, url: string) => string;

function wordUnrecorded(method: string, url: string): string {
  return `the recording holds no answer to ${method} ${url}`;
}

function secretName(text: string): string | undefined {
  try {
    const { name } = JSON.parse(text) as { readonly name?: unknown };
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

function answerOf(answer: CapabilityLine["answer"]): CapabilityAnswer {
  if ("error" in answer) throw new CapabilityError(kindOf(answer.error.name), answer.error.message);
  const { text, base64 } = answer;
  return { text, ...(base64 !== undefined && { binary: new Uint8Array(Buffer.from(base64, "base64")) }) };
}

function kindOf(name: string): CapabilityError["kind"] {
  const kinds: readonly CapabilityError["kind"][] = [
    "TypeError",
    "RangeError",
    "TimeoutError",
    "NotGrantedError",
  ];
  return kinds.find((kind) => kind === name) ?? "Error";
}
