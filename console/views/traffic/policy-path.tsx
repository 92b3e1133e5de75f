import type { ComponentChildren } from "preact";
import type { PolicyStep } from "../../../core/traffic/records.ts";
import { Badge } from "../../parts/basics.tsx";
import { elapsed } from "../../parts/format.ts";
import { VisibleText } from "../../parts/visible-text.tsx";
import { actionTone } from "./words.ts";

/** With what only an explanation knows: where in the author's files, and how long it waited for its call. */
interface PathStep extends PolicyStep {
  readonly place?: string;
  readonly waitedMs?: number;
}

interface PolicyPathProps {
  readonly steps: readonly PathStep[];
  readonly from: string;
  readonly to: string;
  readonly totalMs: number;
  /** It did not go on; unless said, what the last policy did tells. */
  readonly isStopped?: boolean;
  /** Said where there are no steps. */
  readonly nobody?: string;
  /** In the line of a step. */
  beside?(index: number): ComponentChildren;
  /** Below a step. */
  more?(index: number): ComponentChildren;
}

/** The way through the policies, each with what it did and how long that took. */
export function PolicyPath(props: PolicyPathProps) {
  const { steps, from, to, totalMs, nobody = NOBODY, beside, more } = props;
  const longest = Math.max(totalMs, ...steps.map(({ durationMs }) => durationMs), 1e-6);
  const last = steps.at(-1)?.action;
  const isStopped =
    props.isStopped ?? (last !== undefined && ["dropped", "closed", "rejected"].includes(last));
  return (
    <ol class="path">
      <li class="path-end">{from}</li>
      {steps.map((step, index) => {
        const below = more?.(index);
        return (
          <li key={index}>
            <div class="path-step">
              {step.by === undefined ? (
                <a href={`/policies/${encodeURIComponent(step.policy)}`}>{step.policy}</a>
              ) : (
                <b>{step.by}</b>
              )}
              <Badge tone={actionTone(step.action)}>{step.action}</Badge>
              <span class="muted mono" title="Version">
                {step.version.slice(0, 8)}
              </span>
              {beside?.(index)}
              <span class="spread" />
              <span class="path-times number">
                {step.waitedMs !== undefined && (
                  <span class="muted">waited {elapsed(step.waitedMs)}, took </span>
                )}
                {elapsed(step.durationMs)}
              </span>
            </div>
            <div class="path-bar">
              <span style={{ width: `${(step.durationMs / longest) * 100}%` }} />
            </div>
            {step.detail !== "" && (
              <p class="path-detail">
                <VisibleText text={step.detail} />
              </p>
            )}
            {step.place && (
              <p class="path-place muted mono" title="Where in its files">
                {step.place}
              </p>
            )}
            {below}
          </li>
        );
      })}
      {steps.length === 0 && <li class="muted">{nobody}</li>}
      <li class={`path-end${isStopped ? " stopped" : ""}`}>{isStopped ? `${to} did not get it` : to}</li>
    </ol>
  );
}

const NOBODY = "No policy saw it: the bytes went on as they came.";
