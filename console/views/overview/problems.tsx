import type { ProblemView } from "../../../core/admin/api/problems/problem-schema.ts";
import { Ago } from "../../parts/basics.tsx";
import { Icon } from "../../parts/icon.tsx";
import { problemPlace } from "../../parts/problems/problem-place.ts";
import { useApp } from "../../state/app.ts";

/** What somebody has to do something about; nothing at all when there is nothing. */
export function Problems() {
  const { problems } = useApp();
  if (problems.value.length === 0) return null;
  return (
    <section class="problems" aria-label="Problems">
      {problems.value.map((problem) => (
        <Problem key={`${problem.kind} ${problem.name}`} {...problem} />
      ))}
    </section>
  );
}

function Problem(problem: ProblemView) {
  const { tone, name, text, detail, time } = problem;
  const place = problemPlace(problem);
  const content = (
    <>
      <Icon name="warn" />
      <span>
        <strong>{name}</strong> {text}
        {detail !== "" && <span class="problem-text mono">{detail}</span>}
      </span>
      {time > 0 && (
        <span class="muted problem-time">
          <Ago time={time} />
        </span>
      )}
      {place !== undefined && <Icon name="right" />}
    </>
  );
  const look = `problem ${tone}`;
  return place === undefined ? (
    <div class={look}>{content}</div>
  ) : (
    <a class={look} href={place}>
      {content}
    </a>
  );
}
