import type { PolicyStep } from "../../../core/traffic/records.ts";
import { Badge } from "../../parts/basics.tsx";
import { elapsed } from "../../parts/format.ts";
import { VisibleText } from "../../parts/visible-text.tsx";
import { actionTone } from "./words.ts";

interface PolicyPathProps {
  readonly steps: readonly PolicyStep[];
  readonly from: string;
  readonly to: string;
  readonly totalMs: number;
}

/** The way through the policies, each with what it did and how long that took. */
export function PolicyPath({ steps, from, to, totalMs }: PolicyPathProps) {
  const longest = Math.max(totalMs, ...steps.map(({ durationMs }) => durationMs), 1e-6);
  const last = steps.at(-1)?.action;
  const isStopped = last !== undefined && ["dropped", "closed", "rejected"].includes(last);
  return (
    <ol class="path">
      <li class="path-end">{from}</li>
      {steps.map((step, index) => (
        <li key={index}>
          <div class="path-step">
            <a href={`/policies/${encodeURIComponent(step.policy)}`}>{step.policy}</a>
            <Badge tone={actionTone(step.action)}>{step.action}</Badge>
            <span class="muted mono" title="Version">
              {step.version.slice(0, 8)}
            </span>
            <span class="spread" />
            <span class="number">{elapsed(step.durationMs)}</span>
          </div>
          <div class="path-bar">
            <span style={{ width: `${(step.durationMs / longest) * 100}%` }} />
          </div>
          {step.detail !== "" && (
            <p class="path-detail">
              <VisibleText text={step.detail} />
            </p>
          )}
        </li>
      ))}
      {steps.length === 0 && <li class="muted">No policy saw it: the bytes went on as they came.</li>}
      <li class={`path-end${isStopped ? " stopped" : ""}`}>{isStopped ? `${to} did not get it` : to}</li>
    </ol>
  );
}
