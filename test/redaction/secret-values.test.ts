import test from "ava";
import { compileRedaction, USUAL_REDACTION } from "../../core/redaction/rules.ts";
import { HiddenValues } from "../../core/redaction/secret-values.ts";

const shown = (hidden: HiddenValues, values: Readonly<Record<string, string>>, text: string) =>
  compileRedaction({ ...USUAL_REDACTION, patterns: hidden.patternsWith(values) }).redactText(text);

test("values of secrets are hidden, those that were replaced too; short ones are not", (t) => {
  const hidden = new HiddenValues();
  t.is(
    shown(hidden, { KEY: "first.value", PIN: "1234" }, "first.value firstxvalue 1234"),
    "[redacted] firstxvalue 1234",
  );
  t.is(shown(hidden, { KEY: "second-value" }, "first.value second-value"), "[redacted] [redacted]");
});

test("of many earlier values the newest stay hidden, and those of now always", (t) => {
  const hidden = new HiddenValues();
  for (let turn = 0; turn < 300; turn++) hidden.patternsWith({ KEY: `value-${turn}`, SALT: "the-salt" });
  t.is(hidden.patternsWith({ KEY: "value-300", SALT: "the-salt" }).length, 258);
  t.is(
    shown(hidden, { KEY: "value-300", SALT: "the-salt" }, "value-0 value-299 the-salt"),
    "value-0 [redacted] [redacted]",
  );
});
