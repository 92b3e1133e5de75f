import { Ago } from "../../parts/basics.tsx";
import { Icon } from "../../parts/icon.tsx";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";

/** What somebody has to do something about; nothing at all when there is nothing. */
export function Problems() {
  const { api, live } = useApp();
  const [policies] = useLoaded(api.policies, [live.changes.policies.value], 15_000);
  const [stats] = useLoaded(api.trafficStats, [live.state.value.kind], 15_000);
  const troubled = (policies.value.value?.policies ?? []).filter(
    ({ state, breaker }) => ["stale", "gone", "failed"].includes(state) || breaker === "open",
  );
  const folder = policies.value.value?.problem ?? "";
  const store = stats.value.value?.problem ?? "";
  const wall = live.info.value?.sandbox.problem ?? "";
  if (troubled.length === 0 && folder === "" && store === "" && wall === "") return null;
  return (
    <section class="problems" aria-label="Problems">
      {troubled.map(({ name, state, breaker, problem }) => (
        <a
          key={name}
          class={`problem ${state === "failed" ? "bad" : "warn"}`}
          href={`/policies/${encodeURIComponent(name)}`}
        >
          <Icon name="warn" />
          <span>
            <strong>{name}</strong>{" "}
            {state === "failed"
              ? "never loaded: connections through it get 503"
              : breaker === "open"
                ? "fails so often that its breaker is open"
                : state === "gone"
                  ? "runs its last version: its file is gone, and a route names it"
                  : "runs an older version: the newest file has a problem"}
            {problem && <span class="problem-text mono">{problem.message}</span>}
          </span>
          {problem && (
            <span class="muted problem-time">
              <Ago time={problem.time} />
            </span>
          )}
          <Icon name="right" />
        </a>
      ))}
      {folder !== "" && (
        <div class="problem bad">
          <Icon name="warn" />
          <span>
            <strong>Policies folder</strong> <span class="problem-text mono">{folder}</span>
          </span>
        </div>
      )}
      {store !== "" && (
        <div class="problem bad">
          <Icon name="warn" />
          <span>
            <strong>The recorder takes nothing</strong> <span class="problem-text mono">{store}</span>
          </span>
        </div>
      )}
      {wall !== "" && (
        <div class="problem warn">
          <Icon name="warn" />
          <span>
            <strong>Sandbox</strong> <span class="problem-text">{wall}</span>
          </span>
        </div>
      )}
    </section>
  );
}
