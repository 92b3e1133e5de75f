import { wordFilter } from "../../steering/filter-words.ts";
import type { SteeringJob } from "../../steering/steering-jobs.ts";
import { MOST_SHOWN, type ShownJob } from "../questions/answer-schemas.ts";

export function showJob({ filter, pace, outcomes, unanswered, ...job }: SteeringJob): ShownJob {
  const { perSecond, overMs } = pace;
  return {
    ...job,
    outcomes: { ...outcomes },
    unanswered: [...unanswered],
    filter: JSON.stringify(filter).slice(0, MOST_SHOWN),
    which: wordFilter(filter).slice(0, MOST_SHOWN),
    perSecond,
    overMs,
  };
}
