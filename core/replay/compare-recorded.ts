import type { HookLine, MessageLine, RecordedBody, RecordedStep, UpgradeLine } from "../recording/format.ts";
import { type BodyView, viewRecorded } from "../verdicts/body-view.ts";
import { diffJson, type ValueChange } from "../verdicts/json-diff.ts";
import { differenceAt, type ReplayDifference } from "./difference.ts";
import type { ReplayedEvent, ReplayRun } from "./replay.ts";
import type { HookEffect, MessageEffect, UpgradeEffect } from "./replayed-session.ts";
import type { ReplayedStep } from "./replayed-step.ts";

/** What comes out otherwise than it did when it was recorded. What no policies saw then is expected to pass as it came. */
export function compareWithRecorded({ events }: ReplayRun): ReplayDifference[] {
  return events.flatMap((event) => {
    if (event.type === "close") return faultsOf(event);
    if (event.type === "hook") {
      const { recorded, effect, steps } = event;
      const changes = diffJson(expectedHook(recorded, effect), effect);
      const [step] = steps;
      const part = { policy: recorded.policy, changes, ...(step && { step }) };
      return changes.length === 0 ? [] : [differenceAt(event, part)];
    }
    const changes =
      event.type === "upgrade"
        ? diffUpgrade(expectedUpgrade(event.recorded), event.effect)
        : diffJson(expectedMessage(event.recorded, event.effect), event.effect);
    if (changes.length === 0) return [];
    return [differenceAt(event, { ...culpritOf(event.steps, event.recorded.result?.steps ?? []), changes })];
  });
}

/** What a `close` hook did nobody sees but by its failure. */
function faultsOf(event: ReplayedEvent): ReplayDifference[] {
  return event.steps.flatMap((step) => {
    if (step.fault === undefined) return [];
    return [differenceAt(event, { policy: step.policy, step, changes: diffJson({}, step.verdict) })];
  });
}

/** Of who is refused nothing else is of interest. */
export function diffUpgrade(before: UpgradeEffect, after: UpgradeEffect): ValueChange[] {
  const isIn = before.status === 101 && after.status === 101;
  return isIn ? diffJson(before, after) : diffJson({ status: before.status }, { status: after.status });
}

function expectedUpgrade({ result }: UpgradeLine): UpgradeEffect {
  return { status: result?.status ?? 101, attributes: result?.attributes ?? {} };
}

/** Where a recording does not say with which code a message ended its session, any will do. */
function expectedMessage({ body, result }: MessageLine, effect: MessageEffect): MessageEffect {
  const asItCame = viewRecorded(body);
  if (result === undefined)
    return { message: asItCame, replies: [], appended: [], close: null, failed: false };
  const { outcome, after, replies, appended, close, steps } = result;
  const isThrough = outcome === "passed" || outcome === "replaced" || after !== undefined;
  return {
    message: isThrough ? viewRecorded(after ?? body) : null,
    replies: replies.map(viewRecorded),
    appended: appended.map(viewRecorded),
    close: close ?? (outcome === "failed" || outcome === "closed" ? effect.close : null),
    failed: outcome === "failed" || steps.some(({ action }) => action === "failed"),
  };
}

/** Of a body that is there in part only, any will do. When the connection expires is a time of its own each time. */
function expectedHook({ result }: HookLine, effect: HookEffect): HookEffect {
  const { outcome, toClient, toServer, attributes, close = null } = result;
  const views = (bodies: readonly RecordedBody[], made: readonly BodyView[]) =>
    bodies.map((body, index) => (body.length === undefined ? undefined : made[index]) ?? viewRecorded(body));
  return {
    toClient: views(toClient, effect.toClient),
    toServer: views(toServer, effect.toServer),
    ...{ attributes, close, failed: outcome === "failed" },
  };
}

/** The first policy that did something else than then; else the last that did anything at all. */
function culpritOf(
  steps: readonly ReplayedStep[],
  recorded: readonly RecordedStep[],
): { readonly policy: string; readonly step?: ReplayedStep } {
  const didNothing = (name: string) =>
    recorded.every(({ policy, action }) => policy !== name || action === "passed");
  const turned = steps.find((step) => isIdle(step) !== didNothing(step.policy));
  const step = turned ?? steps.findLast((each) => !isIdle(each));
  if (step !== undefined) return { policy: step.policy, step };
  return { policy: recorded.findLast(({ action }) => action !== "passed")?.policy ?? "" };
}

function isIdle({ verdict }: ReplayedStep): boolean {
  return Object.keys(verdict).length === 0;
}
