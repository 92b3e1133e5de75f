import type { ShadowSampleView, ShadowView } from "../../../core/admin/api/shadow-schema.ts";
import { Ago, Badge, Notice } from "../../parts/basics.tsx";
import { DiffView } from "../../parts/diff-view.tsx";
import { number, plural, shareOf } from "../../parts/format.ts";

/** A version whose verdicts go nowhere: what it says otherwise, how often, and some of it. */
export function ShadowCard({ shadow }: { readonly shadow: ShadowView }) {
  const { from, version, problem, hooks, samples } = shadow;
  const differs = hooks.reduce((sum, hook) => sum + hook.differs, 0);
  return (
    <section class="card shadow" aria-label={`Shadow from ${from}`}>
      <header>
        <h2>Shadow</h2>
        <Badge tone={version === "" ? "bad" : differs > 0 ? "warn" : "good"}>
          {version === ""
            ? "does not run"
            : differs > 0
              ? `${plural(differs, "difference")}`
              : "says the same"}
        </Badge>
        <span class="muted">
          {from === "rollout" ? "the version on its way" : <code>{from}</code>}{" "}
          <code>{version.slice(0, 12)}</code>
        </span>
        <span class="spread" />
        <span class="muted">{shadow.routes.join(", ")}</span>
      </header>
      {problem !== "" && (
        <div class="shadow-problem">
          <Notice tone="warn">
            <p class="mono trouble-message">{problem}</p>
          </Notice>
        </div>
      )}
      {hooks.length === 0 ? (
        <p class="muted hooks-none">It has not been called yet.</p>
      ) : (
        <CountsTable hooks={hooks} />
      )}
      {samples.map((sample) => (
        <Sample key={`${sample.session} ${sample.hook} ${sample.time}`} sample={sample} />
      ))}
    </section>
  );
}

function CountsTable({ hooks }: Pick<ShadowView, "hooks">) {
  return (
    <div class="table-scroll" role="region" aria-label="Calls of the shadow" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th>Hook</th>
            <th class="right">Same</th>
            <th class="right">Differs</th>
            <th>In what</th>
            <th class="right">Failed</th>
            <th class="right">Lost</th>
          </tr>
        </thead>
        <tbody>
          {hooks.map(({ hook, same, differs, failed, lost, kinds }) => (
            <tr key={hook}>
              <td class="mono">{hook}</td>
              <td class="right number">{number(same)}</td>
              <td class={`right number ${differs > 0 ? "is-bad" : ""}`}>
                {shareOf(differs, same + differs)}
              </td>
              <td class="muted">{kinds.map(({ kind, count }) => `${kind} ${number(count)}`).join(", ")}</td>
              <td class={`right number ${failed > 0 ? "is-bad" : ""}`}>{number(failed)}</td>
              <td class="right number">{number(lost)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Sample({ sample }: { readonly sample: ShadowSampleView }) {
  const { hook, kinds, session, time, input, real, shadow, changes } = sample;
  const [first] = changes;
  return (
    <details class="shadow-sample">
      <summary>
        <span class="mono">{hook}</span>{" "}
        <strong>{first === undefined ? kinds.join(", ") : changeWords(first)}</strong>{" "}
        {changes.length > 1 && <span class="muted">and {number(changes.length - 1)} more </span>}
        <span class="muted">
          <Ago time={time} />
        </span>
      </summary>
      <p>
        <a href={`/sessions/${encodeURIComponent(session)}`}>Session</a>
      </p>
      {input !== null && (
        <>
          <p class="muted">Message</p>
          <pre class="code frame" tabIndex={0}>
            {JSON.stringify(input, undefined, 2)}
          </pre>
        </>
      )}
      <p class="muted">Verdicts: the policy's, and the shadow's</p>
      <DiffView before={asText(real)} after={asText(shadow)} />
    </details>
  );
}

/** E.g. `total 12 → 11.9`. */
function changeWords({ path, before, after }: ShadowSampleView["changes"][number]): string {
  return `${path.replace(/^message\.json\./, "")} ${valueWords(before)} → ${valueWords(after)}`;
}

function valueWords(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

const MOST_SHOWN = 40;

function asText(verdict: unknown): Parameters<typeof DiffView>[0]["before"] {
  const data = JSON.stringify(verdict);
  return { encoding: "text", data, length: data.length, isCut: false, redactions: 0 };
}
