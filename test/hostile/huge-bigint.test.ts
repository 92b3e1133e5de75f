import test from "ava";
import { attempt } from "./support.ts";

test.serial("BigInt arithmetic that takes for ever ends with its own call", async (t) => {
  const { outcome } = await attempt(t, {
    code: "let x = 3n ** 100000n; for (;;) x *= x;",
    host: { silenceMs: 300 },
  });
  t.is(outcome.kind, "fault");
});
