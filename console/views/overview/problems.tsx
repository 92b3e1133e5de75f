import { Ago } from "../../parts/basics.tsx";
import { Icon } from "../../parts/icon.tsx";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";

/** What somebody has to do something about; nothing at all when there is nothing. */
export function Problems() {
  const { api, live } = useApp();
  const [policies] = useLoaded(api.policies, [live.changes.policies.value], 15_000);
  const [stats] = useLoaded(api.trafficStats, [live.state.value.kind], 15_000);
  const [source] = useLoaded(api.source, [live.changes.policies.value], 5_000);
  const [fleet] = useLoaded(api.fleet, [live.state.value.kind], 5_000);
  const troubled = (policies.value.value?.policies ?? []).filter(
    ({ state, breaker }) => ["stale", "gone", "failed"].includes(state) || breaker === "open",
  );
  const version = source.value.value?.source?.problem;
  const general = [
    { name: "Policies folder", text: policies.value.value?.problem ?? "" },
    {
      name: version?.kind === "refused" ? "A version of the source is refused" : "The source gives nothing",
      text: version?.message ?? "",
      tone: version?.kind === "refused" ? "bad" : "warn",
      href: "/policies",
    },
    { name: "Fleet", text: fleet.value.value?.problem ?? "", href: "/fleet" },
    { name: "Recorded traffic", text: stats.value.value?.problem ?? "" },
    { name: "Sandbox", text: live.info.value?.sandbox.problem ?? "", tone: "warn" },
  ].filter(({ text }) => text !== "");
  if (troubled.length === 0 && general.length === 0) return null;
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
      {general.map((problem) => (
        <GeneralProblem key={problem.name} {...problem} />
      ))}
    </section>
  );
}

interface GeneralProblemProps {
  readonly name: string;
  readonly text: string;
  readonly tone?: string;
  /** Where there is more of it. */
  readonly href?: string;
}

function GeneralProblem({ name, text, tone = "bad", href }: GeneralProblemProps) {
  const content = (
    <>
      <Icon name="warn" />
      <span>
        <strong>{name}</strong> <span class="problem-text mono">{text}</span>
      </span>
      {href !== undefined && <Icon name="right" />}
    </>
  );
  const look = `problem ${tone}`;
  return href === undefined ? (
    <div class={look}>{content}</div>
  ) : (
    <a class={look} href={href}>
      {content}
    </a>
  );
}
