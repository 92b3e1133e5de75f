import { CapabilityError } from "../broker/errors.ts";
import type { Broker, CapabilityAsk } from "../contract/capabilities.ts";
import type { SandboxEvent } from "../contract.ts";
import { machineNow } from "../machine-clock.ts";
import { type Answer, encodeAnswer } from "../wire/answers.ts";
import { ASK_KIND, MAX_HOST_ASKS, MAX_POLICY_ASKS, type WireAskError } from "../wire/ask-texts.ts";
import { decodeAsk } from "../wire/asks.ts";
import { HostNonsense } from "../wire/nonsense.ts";
import type { ClientInstance } from "./policy/instance.ts";
import { flushHosts } from "./transport/flush-hosts.ts";
import type { Host } from "./transport/host.ts";

/** Takes what policies ask for to the broker, and the answers back to the isolate that asked, if it is still there. */
export interface AskDesk {
  /** @throws HostNonsense */
  onAsk(from: Host, bytes: Buffer, start: number, end: number): void;
  /** Nobody waits for what this instance asked. */
  forget(instance: number): void;
  /** Nobody waits for what was asked in this host; undefined: for anything. */
  forgetHost(host?: Host): void;
}

export interface AskDeskOptions {
  readonly asyncTimeoutMs: number;
  readonly broker: Broker;
  instance(id: number): ClientInstance | undefined;
  emit(event: SandboxEvent): void;
}

interface Open {
  readonly id: number;
  readonly instance: number;
  readonly host: Host;
  readonly policy: string;
  readonly abort: AbortController;
  readonly timer: NodeJS.Timeout;
}

const KINDS: Readonly<Record<number, CapabilityAsk["kind"] | undefined>> = {
  [ASK_KIND.fetch]: "fetch",
  [ASK_KIND.kv]: "kv",
  [ASK_KIND.secret]: "secret",
  [ASK_KIND.alert]: "alert",
  [ASK_KIND.rate]: "rate",
};

export function createAskDesk(options: AskDeskOptions): AskDesk {
  const { asyncTimeoutMs, broker } = options;
  const open = new Map<string, Open>();
  const byPolicy = new Map<string, number>();
  /** Hosts that have an answer to get with the next flush. */
  const written = new Set<Host>();

  function begin(instance: ClientInstance, host: Host, id: number, deadline: number): Open {
    const { name } = instance.deployment.bundle;
    const abort = new AbortController();
    // The deadline is the guest's word: later than a hook may wait is never right.
    const left = Math.min(Math.max(0, deadline - machineNow()), asyncTimeoutMs);
    const one: Open = {
      id,
      instance: instance.id,
      host,
      policy: name,
      abort,
      timer: setTimeout(() => fail(one, timedOut(asyncTimeoutMs)), left),
    };
    open.set(`${instance.id}:${id}`, one);
    byPolicy.set(name, (byPolicy.get(name) ?? 0) + 1);
    return one;
  }

  /** @returns whether somebody still waits for it */
  function end(one: Open): boolean {
    if (!open.delete(`${one.instance}:${one.id}`)) return false;
    clearTimeout(one.timer);
    one.abort.abort();
    const left = (byPolicy.get(one.policy) ?? 1) - 1;
    if (left > 0) byPolicy.set(one.policy, left);
    else byPolicy.delete(one.policy);
    return true;
  }

  function fail(one: Open, error: unknown): void {
    if (end(one)) send(one.host, one.instance, failed(one.id, error, one.policy));
  }

  function failed(id: number, error: unknown, policy: string): Answer {
    return { id, isGood: false, text: JSON.stringify(describe(error, policy)) };
  }

  function describe(error: unknown, policy: string): WireAskError {
    if (error instanceof CapabilityError) return { name: error.kind, message: error.message };
    const text = `a capability failed in a way that it should not: ${String(error)}`;
    options.emit({ type: "log", line: { level: "error", policy, route: "", session: "", text } });
    return { name: "Error", message: "the gateway failed to do it; its log says more" };
  }

  function send(host: Host, instance: number, answer: Answer): void {
    if (options.instance(instance) === undefined) return;
    encodeAnswer(host.out, instance, answer);
    if (written.size === 0) setImmediate(flush);
    written.add(host);
  }

  function flush(): void {
    const hosts = [...written];
    written.clear();
    flushHosts(hosts);
  }

  return {
    onAsk(host, bytes, start, end_) {
      const { instance: instanceId, id, kind, deadline, text, binary } = decodeAsk(bytes, start, end_);
      const instance = options.instance(instanceId);
      // Of another host it is not: no host speaks for what others hold, whose grants are not its own.
      if (instance?.host !== host) return;
      const earlier = open.get(`${instanceId}:${id}`);
      if (kind === ASK_KIND.cancel) {
        if (earlier) end(earlier);
        return;
      }
      const name = KINDS[kind];
      if (earlier || name === undefined) throw new HostNonsense(`an ask of kind ${kind} that is on its way`);
      const { name: policy, version } = instance.deployment.bundle;
      if ((byPolicy.get(policy) ?? 0) >= MAX_POLICY_ASKS || open.size >= MAX_HOST_ASKS) {
        const error = new CapabilityError("Error", "too many calls of capabilities are on the way");
        send(host, instanceId, failed(id, error, policy));
        return;
      }
      const one = begin(instance, host, id, deadline);
      broker.carryOut({ policy, version, kind: name, text, binary, signal: one.abort.signal }).then(
        ({ text, binary }) => {
          if (end(one)) send(host, instanceId, { id, isGood: true, text, binary });
        },
        (error) => fail(one, error),
      );
    },

    forget(instance) {
      for (const one of [...open.values()]) if (one.instance === instance) end(one);
    },

    forgetHost(host) {
      for (const one of [...open.values()]) if (host === undefined || one.host === host) end(one);
    },
  };
}

function timedOut(asyncTimeoutMs: number): CapabilityError {
  return new CapabilityError(
    "TimeoutError",
    `no answer within the time of the hook (\`sandbox.asyncTimeout\`: ${asyncTimeoutMs} ms)`,
  );
}
