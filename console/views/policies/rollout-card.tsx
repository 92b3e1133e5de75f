import { useState } from "preact/hooks";
import type { RolloutView } from "../../../core/admin/api/rollout-schema.ts";
import { Ago, Badge, Button, Dialog, type Tone, WriteButton } from "../../parts/basics.tsx";
import { elapsed, number, percent, plural, shareOf, span } from "../../parts/format.ts";
import { useApp } from "../../state/app.ts";

interface RolloutCardProps {
  readonly rollout: RolloutView;
  readonly onChange: () => void;
}

type Word = "promote" | "abort" | "pause" | "resume";

/** How far a version on its way has come, how both versions do, and what an operator may say of it. */
export function RolloutCard({ rollout, onChange }: RolloutCardProps) {
  const { api, attempt } = useApp();
  const [isAsked, setIsAsked] = useState(false);
  const { policy, version, state, share, steps, step, at } = rollout;
  const isOver = state === "taken back";
  const say = async (word: Word, done: string) => {
    await attempt(done, () => api.steerRollout(policy, word));
    setIsAsked(false);
    onChange();
  };
  const next = steps[step] ?? 1;
  return (
    <section class="card rollout" aria-label="Rollout">
      <header>
        <h2>Rollout</h2>
        <RolloutBadge rollout={rollout} />
        <span class="muted">
          <code>{version.slice(0, 12)}</code> {isOver ? "was taken back" : "came to this step"}{" "}
          <Ago time={at} />
        </span>
        <span class="spread" />
        {!isOver && (
          <>
            <WriteButton
              icon="undo"
              onClick={() => void say("abort", `${policy}: the version is taken back`)}
            >
              Take back
            </WriteButton>
            {state === "paused" ? (
              <WriteButton icon="play" onClick={() => void say("resume", `${policy} goes on`)}>
                Resume
              </WriteButton>
            ) : (
              <WriteButton icon="pause" onClick={() => void say("pause", `${policy} stays at this step`)}>
                Pause
              </WriteButton>
            )}
          </>
        )}
        <WriteButton icon="up" onClick={() => setIsAsked(true)}>
          {isOver ? "Try again" : `Go to ${percent(next)}`}
        </WriteButton>
      </header>
      {isOver ? <Reason rollout={rollout} /> : <Way share={share} steps={steps} />}
      <NumbersTable rollout={rollout} />
      {rollout.fleet && <Machines {...rollout.fleet} />}
      {rollout.shadow.calls > 0 && (
        <p class="muted rollout-rule">
          As a shadow of the version before it says otherwise in{" "}
          {shareOf(rollout.shadow.differs, rollout.shadow.calls)} of {plural(rollout.shadow.calls, "call")}.
        </p>
      )}
      {!isOver && (
        <p class="muted rollout-rule">
          It goes on by itself after {span(rollout.everyMs)} and {plural(rollout.minCalls, "call")} at this
          step, and is taken back by itself when it does harm.
        </p>
      )}
      {isAsked && (
        <Dialog
          title={isOver ? `Try ${version.slice(0, 12)} again?` : `Go to ${percent(next)} of the sessions?`}
          onClose={() => setIsAsked(false)}
          footer={
            <>
              <Button onClick={() => setIsAsked(false)}>Leave it</Button>
              <Button look="primary" onClick={() => void say("promote", `${policy} goes on`)}>
                {isOver ? "Try again" : `Go to ${percent(next)}`}
              </Button>
            </>
          }
        >
          <p>
            {isOver
              ? "It begins at its first step. What it was taken back for may happen again."
              : next === 1
                ? "All sessions have the new version then, and there is no way back by itself any more."
                : "Without waiting for the time and the calls of this step."}
          </p>
        </Dialog>
      )}
    </section>
  );
}

export function RolloutBadge({ rollout }: { readonly rollout: RolloutView }) {
  const { state, share, step, steps } = rollout;
  const [tone, words]: readonly [Tone, string] =
    state === "taken back"
      ? ["bad", "taken back"]
      : [
          state === "paused" ? "warn" : "accent",
          state === "paused" ? `paused at ${percent(share)}` : percent(share),
        ];
  const title =
    state === "taken back"
      ? `A new version was taken back at ${percent(share)} of the sessions`
      : `A new version has ${percent(share)} of the sessions: step ${step} of ${steps.length}`;
  return (
    <Badge tone={tone} title={title}>
      {words}
    </Badge>
  );
}

function Way({ share, steps }: { readonly share: number; readonly steps: readonly number[] }) {
  return (
    <ol class="rollout-way" aria-label={`${percent(share)} of the sessions`}>
      {steps.map((each) => (
        <li key={each} class={each < share ? "done" : each === share ? "here" : ""}>
          <span class="number">{percent(each)}</span>
        </li>
      ))}
    </ol>
  );
}

function Reason({ rollout: { rule, reason } }: { readonly rollout: RolloutView }) {
  return (
    <p class="trouble-message rollout-reason">
      <strong>{rule}</strong>: {reason}. The version before serves all sessions.
    </p>
  );
}

/** What the other machines of the fleet do with it. */
function Machines({ machines, problem }: NonNullable<RolloutView["fleet"]>) {
  if (problem !== "")
    return <p class="trouble-message rollout-rule">Nothing is known of the other machines: {problem}.</p>;
  return (
    <div class="table-scroll" role="region" aria-label="Machines" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th>Machine</th>
            <th>State</th>
            <th class="right">Calls</th>
            <th class="right">Faults</th>
          </tr>
        </thead>
        <tbody>
          {machines.map(({ node, state, seenMs, canary }) => (
            <tr key={node}>
              <td class="mono">{node}</td>
              <td class={state === "silent" || state === "taken back" ? "is-bad" : ""}>
                {state === "silent" ? `silent for ${span(seenMs)}` : state}
              </td>
              <td class="right number">{number(canary.calls)}</td>
              <td class={`right number ${canary.faults > 0 ? "is-bad" : ""}`}>
                {shareOf(canary.faults, canary.calls)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NumbersTable({ rollout }: { readonly rollout: RolloutView }) {
  const rows = [
    ["new", rollout.version, rollout.canary],
    ["before", rollout.stable, rollout.before],
  ] as const;
  return (
    <div class="table-scroll" role="region" aria-label="Both versions" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th>Version</th>
            <th class="right">Calls</th>
            <th class="right">Faults</th>
            <th class="right">p99</th>
            <th class="right">Sessions</th>
            <th class="right">Ended by it</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, version, { calls, faults, p99Ms, sessions, closes }]) => (
            <tr key={name}>
              <td>
                {name} <span class="mono muted">{version.slice(0, 12)}</span>
              </td>
              <td class="right number">{number(calls)}</td>
              <td class={`right number ${faults > 0 ? "is-bad" : ""}`}>{shareOf(faults, calls)}</td>
              <td class="right number">{p99Ms === null ? "" : elapsed(p99Ms)}</td>
              <td class="right number">{number(sessions)}</td>
              <td class="right number">{shareOf(closes, sessions)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
