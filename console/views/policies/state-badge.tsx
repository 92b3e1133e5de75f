import type { PolicyView } from "../../../core/admin/api/api-schema.ts";
import { Badge, type Tone } from "../../parts/basics.tsx";

export function stateTone({ state, breaker, quarantine }: PolicyView): Tone {
  if (state === "failed" || breaker === "open") return "bad";
  if (state === "stale" || state === "gone" || breaker === "half-open" || quarantine !== null) return "warn";
  return state === "unused" ? "" : "good";
}

export function StateBadge({ policy }: { readonly policy: PolicyView }) {
  const { state, breaker, quarantine } = policy;
  const isRunning = state === "running";
  const trouble = breaker === "closed" ? quarantine && "quarantine" : `breaker ${breaker}`;
  return <Badge tone={stateTone(policy)}>{(isRunning && trouble) || state}</Badge>;
}
