import { tmpdir } from "node:os";
import { registerCompletionHandler } from "ava";
import { createProbe } from "../../../core/gateway/probes/probe.ts";
import { resolveConfig } from "../../../core/index.ts";
import { createSandbox } from "../../../sandbox/index.ts";
import { PATIENT } from "./limits.ts";

const { sandbox } = resolveConfig(
  { routes: [], sandbox: { ...PATIENT, warmSpare: false, os: "off" } },
  { dir: tmpdir() },
);

/** One for all gateways of a test file: what a gateway of its own adds, a process each, no other test looks at. */
export const sharedProbe = createProbe(() => createSandbox({ ...sandbox, onEvent: () => {} }));

registerCompletionHandler(() => sharedProbe.close());
