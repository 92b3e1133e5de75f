import type { PolicyAlert } from "../../sandbox/contract/capabilities.ts";
import type { SandboxEvent } from "../../sandbox/contract.ts";
import { createAlertLimit } from "../alerts/alert-limit.ts";
import type { EmitEvent, GatewayEvent } from "../events.ts";
import { hideValues, hideValuesIn, type SecretValues } from "../redaction/secret-values.ts";

type SandboxNews = Exclude<SandboxEvent, { type: "drained" }>;

/** What policies have said, as it leaves this process: without the values of secrets, and not too many alerts. */
export interface PolicyNews {
  /** These are the secrets from now on. */
  hide(values: SecretValues): void;
  /** What policies have said is somewhere in it. */
  emitHidden(event: GatewayEvent): void;
  onAlert(alert: PolicyAlert): void;
  onSandbox(event: SandboxNews): void;
}

export function createPolicyNews(emit: EmitEvent): PolicyNews {
  const alertLimit = createAlertLimit((policy, count) => emit({ type: "policy-alerts-lost", policy, count }));
  let secrets: SecretValues = {};

  return {
    hide(values) {
      secrets = values;
    },
    emitHidden: (event) => emit(hideValuesIn(event, secrets) as GatewayEvent),
    onAlert(alert) {
      if (!alertLimit.pass(alert.policy)) return;
      const details = hideValuesIn(alert.details, secrets) as PolicyAlert["details"];
      emit({ type: "policy-alert", ...alert, details });
    },
    onSandbox: (event) => emit(toGatewayEvent(hideValues(event, secrets) as SandboxNews)),
  };
}

function toGatewayEvent(event: SandboxNews): GatewayEvent {
  switch (event.type) {
    case "log":
      return { type: "policy-log", line: event.line };
    case "fault":
      return { type: "policy-fault", fault: event.fault, route: event.route, session: event.session };
    default:
      return event;
  }
}
