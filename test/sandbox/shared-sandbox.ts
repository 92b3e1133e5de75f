import { registerCompletionHandler } from "ava";
import { type Fixture, type SandboxFixtureOptions, startSandbox } from "./support.ts";
import { type Transport, transportOf } from "./transports.ts";

/**
 * One for all tests of a file that give their policies names of their own; one for each transport that they use. Closed
 * when they have ended.
 *
 * @param options A function gives those of each transport, for what must not be shared.
 */
export function shareSandbox(
  options: SandboxFixtureOptions | (() => SandboxFixtureOptions) = {},
): () => Promise<Fixture> {
  const teardown = (close: () => unknown): void => registerCompletionHandler(() => void close());
  const shared = new Map<Transport, Promise<Fixture>>();
  return () => {
    const transport = transportOf();
    const started =
      shared.get(transport) ??
      startSandbox({ teardown }, typeof options === "function" ? options() : options);
    shared.set(transport, started);
    return started;
  };
}
