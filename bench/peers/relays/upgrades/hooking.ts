/** hooking.ts: the process that is asked about upgrades. It enters an isolate once for all that have come together. */
import { slackenTimers } from "../../../../sandbox/client/process/timer-slack.ts";
import { findAddon } from "../../../../sandbox/client/transport/addon.ts";
import { loadAddon } from "../../../../sandbox/host/isolated-vm.ts";
import { SharedDeadline } from "../../../../sandbox/host/limits/shared-deadline.ts";
import { machineNow } from "../../../../sandbox/machine-clock.ts";
import { answerLines } from "./lines.ts";

const HOOK = `({ request }) => ({ attributes: { user: request.headers.get("x-user") ?? "nobody" } })`;
const LIMIT_MS = 60;

/** Runs in the isolate, by its text: it may use nothing from around it. */
function guest(hook: (context: unknown) => unknown) {
  const { freeze } = Object;

  class Headers {
    readonly #fields: readonly string[];

    constructor(fields: readonly string[]) {
      this.#fields = fields;
      freeze(this);
    }

    get(name: string): string | null {
      const lower = name.toLowerCase();
      for (let i = 0; i < this.#fields.length; i += 2)
        if (this.#fields[i]?.toLowerCase() === lower) return this.#fields[i + 1] ?? null;
      return null;
    }
  }

  function freezeAll(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    for (const key in value) freezeAll((value as Record<string, unknown>)[key]);
    return freeze(value);
  }

  return (lines: string): string => {
    let said = "";
    for (const line of lines.split("\n")) {
      const context = JSON.parse(line);
      context.request.headers = new Headers(context.request.headers);
      said += `${JSON.stringify(hook(freezeAll(context))) ?? "{}"}\n`;
    }
    return said;
  };
}

const deadline = new SharedDeadline();
const isolate = new (loadAddon(findAddon()).Isolate)({ memoryLimit: 128 });
const entry = isolate
  .compileScriptSync(`(${guest})(${HOOK})`)
  .runSync(isolate.createContextSync(), { reference: true });
slackenTimers();

answerLines((lines) => {
  const timeout = deadline.timeoutFor(machineNow(), LIMIT_MS);
  const said = entry.applySync(undefined, [lines.join("\n")], { timeout });
  if (typeof said !== "string") throw new Error(`the isolate was left with a ${typeof said}`);
  return said;
});
