import type {
  RecordingSwitchesView,
  RecordingSwitchView,
} from "../../../core/admin/api/recording/switch-schema.ts";
import { useApp } from "../../state/app.ts";
import { Badge, WriteButton } from "../basics.tsx";
import { bytes, number, plural, span } from "../format.ts";
import { wordShare } from "./recording.ts";

interface SwitchListProps {
  readonly recording: RecordingSwitchesView;
  readonly onChange: () => void;
}

/** What the config says and what is switched, route by route. */
export function SwitchList({ recording: { switches, routes }, onChange }: SwitchListProps) {
  return (
    <>
      {switches.length > 0 && (
        <ul class="record-switches">
          {switches.map((each) => (
            <SwitchRow key={each.route} switched={each} isOnly={switches.length === 1} onChange={onChange} />
          ))}
        </ul>
      )}
      <details class="record-routes">
        <summary>What is recorded now</summary>
        <table class="table">
          <thead>
            <tr>
              <th>Route</th>
              <th>Config</th>
              <th>Now</th>
            </tr>
          </thead>
          <tbody>
            {routes.map(({ route, configured, now }) => (
              <tr key={route}>
                <td>{route}</td>
                <td class="muted">{wordShare(configured.sample)}</td>
                <td>
                  <Badge tone={now.sample === 0 ? "" : "good"}>{wordShare(now.sample)}</Badge>{" "}
                  {now.sample > 0 && <span class="muted">{bytes(now.payloadBytes)} a payload</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

function SwitchRow({
  switched: { route, sample, records, maxRecords, until },
  isOnly,
  onChange,
}: {
  readonly switched: RecordingSwitchView;
  readonly isOnly: boolean;
  readonly onChange: () => void;
}) {
  const { api, attempt, clock } = useApp();
  const name = route !== "" ? route : isOnly ? "all routes" : "all other routes";
  const end = async () => {
    await attempt(`${name}: recorded as the config says`, () => api.endRecordingSwitch(route));
    onChange();
  };
  return (
    <li>
      <span>
        <strong>{name}</strong> <Badge tone={sample === 0 ? "" : "good"}>{wordShare(sample)}</Badge>{" "}
        <span class="muted number">
          for {span(Math.max(0, until - clock.value))} more, {plural(records, "record")} so far
          {maxRecords > 0 && ` of ${number(maxRecords)}`}
        </span>
      </span>
      <WriteButton onClick={() => void end()}>As in the config</WriteButton>
    </li>
  );
}
