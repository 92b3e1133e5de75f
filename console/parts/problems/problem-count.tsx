import { useApp } from "../../state/app.ts";
import { plural } from "../format.ts";

/** How many there are, beside the link to their list. */
export function ProblemCount() {
  const { problems } = useApp();
  const { length } = problems.value;
  if (length === 0) return null;
  const tone = problems.value.some((problem) => problem.tone === "bad") ? "bad" : "warn";
  return (
    <span class={`badge ${tone} number rail-count problem-count`} title={plural(length, "problem")}>
      {length}
      <span class="sr-only">{length === 1 ? " problem" : " problems"}</span>
    </span>
  );
}
