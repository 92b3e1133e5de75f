import type { FrameRecord, PolicyStep } from "../../../core/traffic/records.ts";
import { Badge, Empty, Loading } from "../../parts/basics.tsx";
import { clockTime, elapsed } from "../../parts/format.ts";
import { Icon } from "../../parts/icon.tsx";
import { previewOf, previewOfChange } from "../../parts/preview.ts";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { link } from "../../state/query.ts";
import { actionTone } from "../traffic/words.ts";
import { RunLink } from "./run/run-link.tsx";

const ASKED = 100;

/** What did this policy do to the last hundred messages? */
export function LastMessages({ name }: { readonly name: string }) {
  const { api } = useApp();
  const [loaded] = useLoaded(() => api.traffic({ kind: "frame", policy: name, limit: ASKED }), [name], 3000);
  const records = (loaded.value.value?.records ?? []).filter(
    (record): record is FrameRecord => record.kind === "frame",
  );
  const stepOf = (record: FrameRecord) => record.steps.find(({ policy }) => policy === name);
  const counts = new Map<PolicyStep["action"], number>();
  let total = 0;
  for (const record of records) {
    const step = stepOf(record);
    if (step === undefined) continue;
    counts.set(step.action, (counts.get(step.action) ?? 0) + 1);
    total += step.durationMs;
  }
  if (loaded.value.value === undefined && loaded.value.error === undefined) return <Loading />;
  if (loaded.value.value !== undefined && records.length === 0) {
    return (
      <Empty icon="frames" title="No recorded message went through it">
        It is on no route that is recorded, none of its routes had messages yet, or it has only an upgrade
        hook.
      </Empty>
    );
  }
  return (
    <>
      <p class="last-summary">
        {[...counts].map(([action, count]) => (
          <Badge key={action} tone={actionTone(action)}>
            {action} {count}
          </Badge>
        ))}
        {records.length > 0 && <span class="muted number">{elapsed(total / records.length)} on average</span>}
        <span class="spread" />
        <a href={link("/traffic/websockets", { policy: name })}>All of them</a>
      </p>
      <ul class="last-list">
        {records.map((record) => {
          const step = stepOf(record);
          return (
            <li key={record.seq}>
              <a class="last-message" href={link("/traffic/websockets", { policy: name, sel: record.seq })}>
                <span class="mono muted">{clockTime(record.time)}</span>
                <span class={`from-${record.origin}`}>
                  <Icon name={record.origin === "client" ? "up" : "arrowDown"} size={13} />
                  <span class="sr-only">from the {record.origin}</span>
                </span>
                <span>{step && <Badge tone={actionTone(step.action)}>{step.action}</Badge>}</span>
                <span class="last-payload mono">
                  {record.payload ? previewOf(record.payload) : "not kept"}
                  {record.after && step?.action === "replaced" && (
                    <span class="last-after">
                      <span class="muted">→ </span>
                      {previewOfChange(record.payload, record.after)}
                    </span>
                  )}
                  {step?.detail !== "" && <span class="last-after is-bad">{step?.detail}</span>}
                </span>
                <span class="number muted right">{step && elapsed(step.durationMs)}</span>
              </a>
              <RunLink policy={name} seq={record.seq} look="button quiet" />
            </li>
          );
        })}
      </ul>
    </>
  );
}
