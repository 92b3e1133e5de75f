import type { ConfigInput } from "./input.ts";

/** Gives its argument back: it is there so that an editor checks and completes a config file. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
