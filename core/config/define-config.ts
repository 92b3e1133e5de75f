import type { ConfigInput } from "./generated/config-input.ts";
import type { KnownUseInput, OtherUseInput, PolicyName } from "./policy-options.ts";

/**
 * Gives its argument back: it is there so that an editor checks and completes a config file, and in it the options of
 * the policies that `PolicyOptions` knows.
 */
export function defineConfig<Name extends string>(
  config: ConfigInput<PolicyName | KnownUseInput | OtherUseInput<Name>>,
): ConfigInput {
  return config as ConfigInput;
}
