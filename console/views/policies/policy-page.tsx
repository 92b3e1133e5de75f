import { useLocation } from "preact-iso";
import type { PolicyView } from "../../../core/admin/api/api-schema.ts";
import type { EndedRolloutView, RolloutView } from "../../../core/admin/api/rollout-schema.ts";
import { Ago, Notice, Tabs, WriteButton } from "../../parts/basics.tsx";
import { bytes, number } from "../../parts/format.ts";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { Facts } from "../traffic/facts.tsx";
import { HooksTable } from "./hooks-table.tsx";
import { LastMessages } from "./last-messages.tsx";
import { RolloutCard } from "./rollout-card.tsx";
import { RunView } from "./run/run-view.tsx";
import { ShadowCard } from "./shadow-card.tsx";
import { SourceView } from "./source-view.tsx";
import { StateBadge } from "./state-badge.tsx";
import { VersionList } from "./versions/version-list.tsx";

interface PolicyPageProps {
  readonly policy: PolicyView;
  readonly rollout: RolloutView | undefined;
  /** What became of the last one. */
  readonly ended: EndedRolloutView | undefined;
  readonly tab: string;
  readonly onChange: () => void;
}

type Tab = "" | "messages" | "run" | "source" | "versions";

export function PolicyPage({ policy, rollout, ended, tab, onChange }: PolicyPageProps) {
  const { api, attempt } = useApp();
  const { route } = useLocation();
  const { name, versions } = policy;
  const reload = async () => {
    await attempt(`${name} was read again`, () => api.reloadPolicy(name));
    onChange();
  };
  return (
    <section class="policy" aria-label={`Policy ${name}`}>
      <header class="page-head">
        <a class="crumb policy-back" href="/policies">
          Policies /
        </a>
        <h1>{name}</h1>
        <StateBadge policy={policy} />
        <span class="spread" />
        <WriteButton
          icon="reload"
          label="Reload"
          title="Read the file again; after a rollback, run the newest"
          onClick={() => void reload()}
        >
          <span class="wide-only">Reload</span>
        </WriteButton>
      </header>
      <Tabs<Tab>
        label="Of this policy"
        current={(["messages", "run", "source", "versions"] as const).find((one) => one === tab) ?? ""}
        onChange={(next) =>
          route(`/policies/${encodeURIComponent(name)}${next === "" ? "" : `/${next}`}`, true)
        }
        tabs={[
          ["", "Now"],
          ["messages", "Last 100 messages"],
          ["run", "Run"],
          ["source", "Source"],
          ["versions", `Versions ${number(versions.length)}`],
        ]}
      />
      <div class="page-scroll" role="tabpanel" tabIndex={0} aria-label={name}>
        {tab === "messages" ? (
          <LastMessages name={name} />
        ) : tab === "run" ? (
          <RunView policy={policy} />
        ) : tab === "source" ? (
          <SourceView policy={policy} />
        ) : tab === "versions" ? (
          <VersionList policy={policy} ended={ended} onChange={onChange} />
        ) : (
          <Now policy={policy} rollout={rollout} onChange={onChange} />
        )}
      </div>
    </section>
  );
}

function Now({ policy, rollout, onChange }: Omit<PolicyPageProps, "ended" | "tab">) {
  const { api, live } = useApp();
  const [shadows] = useLoaded(
    () => api.shadows(policy.name),
    [live.changes.policies.value, policy.name],
    4000,
  );
  const { problem, lastFault, hooks, routes, breaker, quarantine, isolation } = policy;
  return (
    <div class="page-body">
      {rollout && <RolloutCard rollout={rollout} onChange={onChange} />}
      {problem && rollout?.state !== "taken back" && (
        <section class="trouble-card">
          <Notice tone={policy.state === "failed" ? "bad" : "warn"}>
            <strong>
              {policy.state === "failed"
                ? "No version of it ever loaded: connections through it get 503."
                : "The newest file has a problem; the version before it goes on running."}
            </strong>{" "}
            <Ago time={problem.time} />
            <p class="mono trouble-message">{problem.message}</p>
          </Notice>
          {problem.frame !== "" && (
            <pre class="code frame" tabIndex={0}>
              {problem.frame}
            </pre>
          )}
        </section>
      )}
      {isolation === "worker" && !quarantine && (
        <Notice tone="warn">
          <strong>It runs inside of the workers.</strong> One that hangs or crashes takes its worker with it,
          and all connections of that: the config trusts it as the gateway's own code.
        </Notice>
      )}
      {quarantine && (
        <Notice tone="warn">
          <strong>It is in quarantine: {quarantine.reason}.</strong> This version has cost its sandbox host,
          and runs in one of its own until it has behaved for a while, or a new version comes.
        </Notice>
      )}
      {breaker !== "closed" && (
        <Notice tone="warn">
          <strong>Its breaker is {breaker}.</strong>{" "}
          {breaker === "open"
            ? "It failed too often and is not called for a while; messages go the way of the route's onError."
            : "It is tried again with a few messages before all of them go through it."}
        </Notice>
      )}
      <section class="card">
        <header>
          <h2>Hooks</h2>
          <span class="spread" />
          <span class="muted">since the gateway started</span>
        </header>
        <HooksTable hooks={hooks} />
      </section>
      {shadows.value.value?.shadows.map((shadow) => (
        <ShadowCard key={`${shadow.from} ${shadow.routes.join()}`} shadow={shadow} />
      ))}
      {lastFault && (
        <section class="card">
          <header>
            <h2>Last fault</h2>
            <span class="muted">
              <Ago time={lastFault.time} /> in the {lastFault.hook} hook
            </span>
            <span class="spread" />
            {lastFault.session !== "" && (
              <a href={`/sessions/${encodeURIComponent(lastFault.session)}`}>Session</a>
            )}
          </header>
          <p class="trouble-message mono fault-message">{lastFault.message}</p>
          {lastFault.stack !== "" && (
            <pre class="code frame" tabIndex={0}>
              {lastFault.stack}
            </pre>
          )}
        </section>
      )}
      <section class="card">
        <Facts
          facts={[
            ["File", <span class="mono">{policy.file}</span>],
            [
              "Routes",
              routes.length === 0 ? (
                <span class="muted">none: name it in a route's policies to use it</span>
              ) : (
                routes.join(", ")
              ),
            ],
            ["Version", <span class="mono">{policy.version || "none"}</span>],
            ["Memory", policy.memoryBytes === 0 ? "" : `${bytes(policy.memoryBytes)} over all workers`],
            ["Breaker", breaker],
          ]}
        />
      </section>
    </div>
  );
}
