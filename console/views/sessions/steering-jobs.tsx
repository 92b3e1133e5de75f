import type { SteeringJobView } from "../../../core/admin/api/steering-schema.ts";
import { WriteButton } from "../../parts/basics.tsx";
import { number, plural } from "../../parts/format.ts";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";

/** What is being done to many sessions at a rate, with a way to end it. */
export function RunningJobs() {
  const { api } = useApp();
  const [loaded, reload] = useLoaded(api.steering, [], 2000);
  const running = loaded.value.value?.jobs.filter(({ state }) => state === "running") ?? [];
  if (running.length === 0) return null;
  return (
    <ul class="steering-jobs">
      {running.map((job) => (
        <Job key={job.id} job={job} onStopped={reload} />
      ))}
    </ul>
  );
}

function Job({ job, onStopped }: { readonly job: SteeringJobView; readonly onStopped: () => void }) {
  const { api, attempt } = useApp();
  const { id, what, sessions, done, left, perSecond, unanswered } = job;
  const stop = async () => {
    if (await attempt("The rest of them are left alone", () => api.stopSteering(id))) onStopped();
  };
  return (
    <li>
      <strong>{what}</strong>
      <progress max={sessions} value={sessions - left} aria-label={`How far ${what} is`} />
      <span class="number">
        {number(done)} of {plural(sessions, "session")} done, {number(left)} left
        {perSecond > 0 && `, at most ${number(Math.round(perSecond * 100) / 100)} a second`}
        {unanswered.length > 0 && `, without ${unanswered.join(", ")}`}
      </span>
      <WriteButton look="quiet" onClick={() => void stop()}>
        Stop
      </WriteButton>
    </li>
  );
}
