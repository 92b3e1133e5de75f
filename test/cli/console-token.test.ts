import test from "ava";
import { makeConsoleToken, tokenFragment, withConsoleToken } from "../../cli/console-token.ts";
import { resolveConfig } from "../../core/config/index.ts";

const configOf = (console: object | false) => resolveConfig({ console } as object, { dir: "/" });

test("a console without a token in the config gets the one that is made, and its address carries it", (t) => {
  const token = makeConsoleToken();
  t.true(token.length >= 32);
  const config = withConsoleToken(configOf({}), token);
  t.deepEqual(config.console !== false && config.console.token, { value: token });
  t.is(tokenFragment(config, token), `#token=${token}`);
});

test("a console that has a token, wants none or is not there stays as it is", (t) => {
  for (const console of [
    { token: "a-token-of-the-config" },
    { token: { env: "TOKEN" } },
    { token: false },
    false,
  ] as const) {
    const config = configOf(console);
    t.is(withConsoleToken(config, "made"), config);
    t.is(tokenFragment(config, "made"), "");
  }
});
