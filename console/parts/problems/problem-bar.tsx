import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { plural } from "../format.ts";
import { Icon } from "../icon.tsx";
import { problemPlace } from "./problem-place.ts";
import "./problems.css";

const EVERY_MS = 5_000;

/** Over each page what does not work, the first of it by name. Overview has the list itself. */
export function ProblemBar() {
  const { api, live, problems } = useApp();
  const { path } = useLocation();
  const [loaded] = useLoaded(
    api.problems,
    [live.changes.policies.value, live.state.value.kind],
    live.state.value.kind === "live" ? EVERY_MS : 0,
  );
  const { value } = loaded.value;
  useEffect(() => {
    if (value !== undefined) problems.value = value.problems;
  }, [value]);
  const bad = problems.value.filter(({ tone }) => tone === "bad");
  const [first] = bad;
  if (first === undefined || path === "/" || path.startsWith("/overview")) return null;
  return (
    <aside class="problem-bar" aria-label="Problems">
      <Icon name="warn" />
      <a
        class="problem-bar-first"
        href={problemPlace(first) ?? "/overview"}
        title={`${first.name} ${first.text}`}
      >
        <strong>{first.name}</strong> {first.text}
      </a>
      {problems.value.length > 1 && (
        <a class="problem-bar-all" href="/overview">
          {plural(problems.value.length, "problem")}
        </a>
      )}
    </aside>
  );
}
