import type { TrialResult } from "../../core/trial/trial.ts";
import { viewBody } from "../../core/verdicts/body-view.ts";

/** As `--json` prints it: bodies as in a recording, or parsed. */
export function trialJson({ call, effect, steps, logs, asks, durationMs }: TrialResult): object {
  const { status, attributes, body, toClient, toServer, close } = effect;
  return {
    hook: call.hook,
    steps: steps.map(({ verdict, ...step }) => ({ ...step, verdict: verdict(viewBody) })),
    result: {
      ...(status !== undefined && { status }),
      ...(attributes !== undefined && { attributes }),
      message: body === undefined ? null : viewBody(body),
      toClient: toClient.map(viewBody),
      toServer: toServer.map(viewBody),
      close: close ?? null,
    },
    logs: logs.map(({ policy, level, text }) => ({ policy, level, text })),
    notPerformed: asks,
    durationMs,
  };
}
