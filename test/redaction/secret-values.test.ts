import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { redactionOf } from "../../core/gateway/reload.ts";
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

test("of a URL that was read from elsewhere, also the parts that are secrets by themselves are hidden", (t) => {
  process.env.FRAMEGATE_TEST_KV = "redis://anna:p%40ss%2Fword@kv.example:6379/0";
  process.env.FRAMEGATE_TEST_ALERTS =
    "https://Hooks.example/services/T0/0123456789abcdef?code=a%2Fb-c%2Fd-e%2Ff-g%2Fh-i";
  const config = resolveConfig(
    {
      kv: { url: { env: "FRAMEGATE_TEST_KV" } },
      alerts: [{ webhook: { env: "FRAMEGATE_TEST_ALERTS" } }],
    },
    { dir: "/" },
  );
  const { redactText } = compileRedaction(redactionOf(config, {}, new HiddenValues()));
  const told: readonly (readonly [string, string])[] = [
    ["WRONGPASS p%40ss%2Fword", "WRONGPASS [redacted]"],
    ["WRONGPASS p@ss/word of anna", "WRONGPASS [redacted] of anna"],
    ["hooks.example/services/T0/0123456789abcdef is gone", "[redacted] is gone"],
    ["no /services/T0/0123456789abcdef", "no /services/T0/[redacted]"],
    ["no a/b-c/d-e/f-g/h-i", "no [redacted]"],
    ["connect ECONNREFUSED hooks.example:443", "connect ECONNREFUSED hooks.example:443"],
  ];
  for (const [text, shown] of told) t.is(redactText(text), shown);
});
