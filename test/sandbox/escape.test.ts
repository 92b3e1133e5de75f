import { shareSandbox } from "./shared-sandbox.ts";
import { evaluate } from "./support.ts";
import { test } from "./transports.ts";

const useSandbox = shareSandbox({ limits: { messageTimeoutMs: 2000 } });

/** Each tries to reach something that is not the policy's: a function made from text, a host object, or Node. */
const attempts: Readonly<Record<string, string>> = {
  "the Function constructor": "Function('return this')()",
  "a function's constructor": "(() => {}).constructor('return this')()",
  "an async function's constructor": "(async () => {}).constructor('return this')()",
  "a generator's constructor": "(function* () {}).constructor('return this')().next()",
  "an async generator's constructor": "(async function* () {}).constructor('return this')().next()",
  "Reflect.construct of a constructor": "Reflect.construct((() => {}).constructor, ['return this'])()",
  "a class that extends Function": "new (class extends (() => {}).constructor {})('return this')()",
  "the console's constructor": "console.log.constructor('return process')()",
  "the URL class's constructor": "URL.constructor('return process')()",
  "crypto's constructor": "crypto.getRandomValues.constructor('return process')()",
  "the context's functions": "context.content.json.constructor('return process')()",
  "the log's functions": "context.log.info.constructor('return process')()",
  "the header set's constructor":
    "context.websock.context.request.headers.constructor.constructor('return process')()",
  eval: "globalThis.eval('1')",
  "an indirect eval through a bound function": "Reflect.get(globalThis, 'eval').call(null, '1')",
  "import()": "await import(['node:fs'][0])",
  "process by name": "process.env",
  "a host binding by name": "globalThis.process.binding('fs')",
  "the guest's own variable": "guest.boot()",
  "the caller of a callback": "(function f() { return f.caller })()",
  "arguments.callee of the runner": "(function () { return arguments.callee.caller })()",
};

for (const [name, code] of Object.entries(attempts)) {
  test(`no way out: ${name}`, async (t) => {
    const fixture = await useSandbox();
    await fixture.use(
      name,
      `export const client = async (context) => {
        try { const found = ${code}; return { reply: ["found " + typeof found] } }
        catch (error) { return { reply: [String(error?.name)] } }
      };`,
    );
    const outcome = await fixture.seat(name).client({});
    t.is(outcome.kind, "message");
    const seen = outcome.kind === "message" ? Buffer.from(outcome.reply[0]?.bytes ?? []).toString() : "";
    t.true(["TypeError", "ReferenceError", "Error"].includes(seen), seen);
  });
}

test("a stack overflow inside our functions gives no object of another realm", async (t) => {
  const fixture = await useSandbox();
  const value = await evaluate(
    t,
    fixture,
    `(() => {
      const foreign = [];
      const dig = (n) => {
        try { dig(n + 1) } catch (error) { if (!(error instanceof Error)) foreign.push(String(error)); throw error }
        try { new URL("http://a/"); console.log("x"); crypto.randomUUID() }
        catch (error) { if (!(error instanceof Error)) foreign.push(String(error)); }
      };
      try { dig(0) } catch {}
      return foreign;
    })()`,
  );
  t.deepEqual(value, []);
});

test("every object that a policy can reach by walking belongs to its own realm", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "walker",
    `export const client = (context) => {
      const foreign = [];
      const seen = new Set();
      const visit = (value, path, depth) => {
        if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
        seen.add(value);
        let top = value;
        for (let next = top; next; next = Object.getPrototypeOf(next)) top = next;
        if (top !== Object.prototype && Object.getPrototypeOf(value) !== null) foreign.push(path);
        if (depth > 8) return;
        visit(Object.getPrototypeOf(value), path + ".__proto__", depth + 1);
        for (const key of Reflect.ownKeys(value)) {
          const { value: own, get, set } = Object.getOwnPropertyDescriptor(value, key);
          for (const part of [own, get, set]) visit(part, path + "." + String(key), depth + 1);
        }
      };
      visit(globalThis, "globalThis", 0);
      visit(context, "context", 0);
      visit(new URL("http://a/?b"), "url", 0);
      visit(crypto.getRandomValues(new Uint8Array(1)), "random", 0);
      return { content: { body: { foreign, count: seen.size > 500 } } };
    };`,
  );
  const outcome = await fixture.seat("walker").client({});
  t.is(outcome.kind, "message");
  const text = outcome.kind === "message" ? Buffer.from(outcome.body?.bytes ?? []).toString() : "";
  t.deepEqual(JSON.parse(text), { foreign: [], count: true });
});
