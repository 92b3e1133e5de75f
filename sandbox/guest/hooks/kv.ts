import { ASK_KIND, type WireKv } from "../../wire/ask-texts.ts";
import type { Asks } from "../asks.ts";
import { plainArgument } from "./plain-json.ts";

/** `kv` of the hooks' contexts: values are plain data, and cross as JSON. */
export function createKv(asks: Asks): object {
  async function ask(what: string, wire: WireKv): Promise<unknown> {
    const { answer } = asks.ask(`kv.${what}`, ASK_KIND.kv, JSON.stringify(wire));
    return JSON.parse((await answer).text);
  }

  return {
    async get(key: unknown): Promise<unknown> {
      const text = await ask("get", { op: "get", key: readKey(key) });
      return text === null ? undefined : JSON.parse(text as string);
    },
    async set(key: unknown, value: unknown, options?: unknown): Promise<void> {
      await ask("set", {
        op: "set",
        key: readKey(key),
        value: plainArgument("kv.set", value, "value"),
        ...readExpiry(options),
      });
    },
    async increment(key: unknown, by: unknown = 1, options?: unknown): Promise<unknown> {
      if (!Number.isSafeInteger(by)) throw new TypeError("kv.increment: expected `by` to be a whole number");
      return ask("increment", {
        op: "increment",
        key: readKey(key),
        by: by as number,
        ...readExpiry(options),
      });
    },
    async compareAndSet(
      key: unknown,
      expected: unknown,
      value: unknown,
      options?: unknown,
    ): Promise<unknown> {
      return ask("compareAndSet", {
        op: "compareAndSet",
        key: readKey(key),
        expected: expected === undefined ? null : plainArgument("kv.compareAndSet", expected, "expected"),
        value: value === undefined ? null : plainArgument("kv.compareAndSet", value, "value"),
        ...readExpiry(options),
      });
    },
    async delete(key: unknown): Promise<unknown> {
      return ask("delete", { op: "delete", key: readKey(key) });
    },
  };
}

/** `secrets` of the hooks' contexts. */
export function createSecrets(asks: Asks): object {
  return {
    async get(name: unknown): Promise<string> {
      if (typeof name !== "string") throw new TypeError("secrets.get: expected the name of a secret");
      const { answer } = asks.ask("secrets.get", ASK_KIND.secret, JSON.stringify({ name }));
      return (await answer).text;
    },
  };
}

function readKey(key: unknown): string {
  if (typeof key !== "string" || key === "")
    throw new TypeError("kv: expected the key to be a string, and not empty");
  return key;
}

function readExpiry(options: unknown): { expires?: number } {
  const expires = (options as { readonly expires?: unknown } | undefined)?.expires;
  if (expires === undefined) return {};
  if (typeof expires !== "number" || !(expires > 0)) {
    throw new TypeError("kv: expected `expires` to be a number of milliseconds above 0");
  }
  return { expires: Math.ceil(expires) };
}
