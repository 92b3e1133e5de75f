import { processTest } from "../sandbox/transports.ts";
import { attempt } from "./support.ts";

const leaks = {
  arrays: "const kept = []; for (;;) kept.push(new Array(1000).fill(kept.length));",
  strings: "let text = 'x'; for (;;) text = text + text + text.length;",
  "a map": "const map = new Map(); for (let i = 0; ; i++) map.set('key' + i, { i });",
  objects: "const kept = {}; for (let i = 0; ; i++) kept['key' + i] = { i };",
  "typed arrays": "const kept = []; for (;;) kept.push(new Uint8Array(1 << 20).fill(1));",
  closures: "let last = () => 0; for (;;) { const before = last; last = () => before; }",
};

for (const [name, code] of Object.entries(leaks)) {
  // One that grows faster than it is looked at aborts the process that it is in.
  processTest.serial(`a leak of ${name} in one call ends with that call`, async (t) => {
    const { outcome } = await attempt(t, { code, limits: { memoryLimitMb: 32, messageTimeoutMs: 400 } });
    t.is(outcome.kind, "fault");
    const reason = outcome.kind === "fault" ? outcome.fault.reason : "";
    t.true(["memory", "timeout", "killed", "throw"].includes(reason), reason);
  });
}
