import { useRoute } from "preact-iso";
import type { RolloutView } from "../../../core/admin/api/rollout-schema.ts";
import { Empty, Loading, Notice } from "../../parts/basics.tsx";
import { compactPlural } from "../../parts/format.ts";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { OriginLine } from "./origin-line.tsx";
import { PolicyPage } from "./policy-page.tsx";
import { RolloutBadge } from "./rollout-card.tsx";
import { StateBadge, stateLook } from "./state-badge.tsx";
import "./policies.css";

export function Policies() {
  const { api, live } = useApp();
  const { name, tab } = useRoute().params;
  const [loaded, reload] = useLoaded(api.policies, [live.changes.policies.value], 4000);
  const [rollouts, reloadRollouts] = useLoaded(api.rollouts, [live.changes.policies.value], 2000);
  const rolloutOf = (policy: string) =>
    rollouts.value.value?.rollouts.find((rollout) => rollout.policy === policy);
  const { value, error } = loaded.value;
  const policies = value?.policies ?? [];
  const chosen = policies.find((policy) => policy.name === name);
  return (
    <div class={`policies${name ? " has-choice" : ""}`}>
      <section class="policy-list" aria-label="All policies">
        <header class="page-head">
          <h1>Policies</h1>
          <span class="muted number">{value && policies.length}</span>
        </header>
        <div class="page-scroll" tabIndex={-1}>
          <OriginLine />
          {value?.problem && (
            <div class="policy-list-note">
              <Notice tone="bad">{value.problem}</Notice>
            </div>
          )}
          {error && value === undefined && (
            <Empty icon="warn" title="The policies could not be read">
              {error.message}
            </Empty>
          )}
          {value !== undefined && policies.length === 0 && (
            <Empty icon="policies" title="There are no policies yet">
              Save a TypeScript file to <code>{live.info.value?.policiesDir ?? "policies"}/</code>: it is here
              at once.
            </Empty>
          )}
          {value === undefined && error === undefined && <Loading />}
          <ul>
            {policies.map((policy) => (
              <li key={policy.name}>
                <a
                  class="policy-item"
                  href={`/policies/${encodeURIComponent(policy.name)}`}
                  aria-current={policy.name === name ? "page" : undefined}
                >
                  <span class={`dot ${stateLook(policy).tone}`} />
                  <span class="policy-item-main" title={policy.routes.join(", ")}>
                    <strong>{policy.name}</strong>
                    <span class="muted">
                      {policy.routes.length === 0 ? "on no route" : policy.routes.join(", ")}
                    </span>
                  </span>
                  <span class="policy-item-side">
                    <ItemRollout rollout={rolloutOf(policy.name)} />
                    {stateLook(policy).tone !== "good" ? (
                      <StateBadge policy={policy} />
                    ) : (
                      <span class="muted number">
                        {compactPlural(
                          policy.hooks.reduce((sum, { calls }) => sum + calls, 0),
                          "call",
                        )}
                      </span>
                    )}
                  </span>
                </a>
              </li>
            ))}
          </ul>
        </div>
      </section>
      {chosen !== undefined ? (
        <PolicyPage
          key={chosen.name}
          policy={chosen}
          rollout={rolloutOf(chosen.name)}
          ended={rollouts.value.value?.ended.find(({ policy }) => policy === chosen.name)}
          tab={tab ?? ""}
          onChange={() => {
            reload();
            reloadRollouts();
          }}
        />
      ) : (
        <section class="policy-none">
          {name !== undefined && name !== "" && value !== undefined ? (
            <Empty
              icon="search"
              title={`There is no policy “${name}”`}
              actions={<a href="/policies">All policies</a>}
            >
              Its file may have been deleted or renamed.
            </Empty>
          ) : (
            policies.length > 0 && (
              <Empty icon="policies" title="Choose a policy">
                Its hooks, versions, source and the last messages it had a part in are shown here.
              </Empty>
            )
          )}
        </section>
      )}
    </div>
  );
}

/** One that was taken back is a problem of the policy, which its state says. */
function ItemRollout({ rollout }: { readonly rollout: RolloutView | undefined }) {
  return rollout === undefined || rollout.state === "taken back" ? null : <RolloutBadge rollout={rollout} />;
}
