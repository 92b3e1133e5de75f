import type { PolicyView } from "../../../core/admin/api/api-schema.ts";
import { Badge, type Tone } from "../../parts/basics.tsx";

export function stateTone({ state, breaker }: PolicyView): Tone {
  if (state === "failed" || breaker === "open") return "bad";
  if (state === "stale" || breaker === "half-open") return "warn";
  return state === "unused" ? "" : "good";
}

export function StateBadge({ policy }: { readonly policy: PolicyView }) {
  const { state, breaker } = policy;
  const isBroken = breaker !== "closed" && state === "running";
  return <Badge tone={stateTone(policy)}>{isBroken ? `breaker ${breaker}` : state}</Badge>;
}
