import type { PolicyHookView } from "../../../core/admin/api/api-schema.ts";
import { compact, elapsed, number } from "../../parts/format.ts";

const VERDICTS = ["unchanged", "replaced", "dropped", "replied", "appended", "closed", "rejected"] as const;

const TONES: Readonly<Record<(typeof VERDICTS)[number], string>> = {
  unchanged: "--line-strong",
  replaced: "--note",
  dropped: "--warn",
  replied: "--accent",
  appended: "--client",
  closed: "--bad",
  rejected: "--bad",
};

export function HooksTable({ hooks }: { readonly hooks: readonly PolicyHookView[] }) {
  if (hooks.length === 0) {
    return <p class="muted hooks-none">It has not been called yet.</p>;
  }
  return (
    <div class="table-scroll" role="region" aria-label="Hooks" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th>Hook</th>
            <th class="right">Calls</th>
            <th class="right">Skipped</th>
            <th class="verdict-column">What it did</th>
            <th class="right">Faults</th>
            <th class="right">Mean time</th>
          </tr>
        </thead>
        <tbody>
          {hooks.map((hook) => (
            <tr key={hook.hook}>
              <td class="mono">
                {hook.hook}
                {hook.when && <WhenWords when={hook.when} />}
                {hook.everyMs !== null && <WhenWords when={{ every: `${hook.everyMs} ms` }} />}
              </td>
              <td class="right number">{number(hook.calls)}</td>
              <td class="right number">{hook.when ? number(hook.skipped) : ""}</td>
              <td>
                <VerdictBar hook={hook} />
              </td>
              <td class={`right number ${hook.faults > 0 ? "is-bad" : ""}`}>{number(hook.faults)}</td>
              <td class="right number">{elapsed(hook.meanUs / 1000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** As the policy's author wrote it: one line for each thing that it says. */
function WhenWords({ when }: { readonly when: object }) {
  return (
    <span class="when-words">
      {Object.entries(when).map(([key, value]) => (
        <span key={key}>
          {key}: {JSON.stringify(value)}
        </span>
      ))}
    </span>
  );
}

function VerdictBar({ hook }: { readonly hook: PolicyHookView }) {
  const given = VERDICTS.filter((verdict) => hook[verdict] > 0);
  const total = given.reduce((sum, verdict) => sum + hook[verdict], 0);
  return (
    <>
      <div class="verdict-bar" aria-hidden="true">
        {given.map((verdict) => (
          <span
            key={verdict}
            style={{ width: `${(hook[verdict] / total) * 100}%`, background: `var(${TONES[verdict]})` }}
          />
        ))}
      </div>
      <span class="verdict-words number">
        {given.map((verdict) => (
          <span key={verdict}>
            <i style={{ background: `var(${TONES[verdict]})` }} />
            {verdict} {compact(hook[verdict])}
          </span>
        ))}
      </span>
    </>
  );
}
