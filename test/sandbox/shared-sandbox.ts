import { registerCompletionHandler } from "ava";
import { type Fixture, type SandboxFixtureOptions, startSandbox } from "./support.ts";

/** One for all tests of a file that give their policies names of their own; closed when they have ended. */
export function shareSandbox(options?: SandboxFixtureOptions): () => Promise<Fixture> {
  const teardown = (close: () => unknown): void => registerCompletionHandler(() => void close());
  let shared: Promise<Fixture> | undefined;
  return () => (shared ??= startSandbox({ teardown }, options));
}
