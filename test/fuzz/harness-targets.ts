import fc from "fast-check";
import { defineTarget } from "./harness/target.ts";

/** For the test of the runner: one that hangs, and one that does not. */
export const targets = [
  defineTarget<string>({
    name: "endless",
    inputs: fc.constant("again and again"),
    check() {
      for (;;);
    },
  }),
  defineTarget<number>({
    name: "harmless",
    inputs: fc.nat(),
    check: (input) => (input > 5 ? "more" : "less"),
  }),
];
