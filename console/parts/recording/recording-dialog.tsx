import { useState } from "preact/hooks";
import type { RecordingSwitchesView } from "../../../core/admin/api/recording/switch-schema.ts";
import { useApp } from "../../state/app.ts";
import { Button, Dialog, Segmented, WriteButton } from "../basics.tsx";
import { SelectField } from "./select-field.tsx";
import { SwitchList } from "./switch-list.tsx";
import "./recording.css";

interface RecordingDialogProps {
  readonly recording: RecordingSwitchesView;
  /** That is chosen at first; "": all. */
  readonly route: string;
  readonly onChange: () => void;
  readonly onClose: () => void;
}

type How = "off" | "some" | "all";

const HOWS = [
  ["off", "Off"],
  ["some", "A share"],
  ["all", "All"],
] as const satisfies readonly (readonly [How, string])[];
const TIMES = [
  ["5m", "5 minutes"],
  ["15m", "15 minutes"],
  ["1h", "an hour"],
  ["8h", "8 hours"],
  ["1d", "a day"],
  ["7d", "7 days"],
] as const;
const SIZES = ["0B", "256B", "1KiB", "4KiB", "64KiB", "1MiB"];

/** Switches recording for a while, for one route or all, and says what is switched already. */
export function RecordingDialog({ recording, route: first, onChange, onClose }: RecordingDialogProps) {
  const { api, attempt } = useApp();
  const [route, setRoute] = useState(first);
  const [how, setHow] = useState<How>("all");
  const [share, setShare] = useState("10");
  const [time, setTime] = useState("15m");
  const [size, setSize] = useState("1KiB");
  const [most, setMost] = useState("");
  const sample = how === "off" ? 0 : how === "all" ? 1 : Number(share) / 100;
  const words = TIMES.find(([each]) => each === time)?.[1] ?? time;
  const refusal =
    how === "some" && !(sample > 0 && sample <= 1)
      ? "A share is from 0.01 to 100 percent."
      : /^\d{0,9}$/.test(most)
        ? ""
        : "How many records is a whole number, or empty.";
  const record = async () => {
    const place = route === "" ? {} : { route };
    const wish = { ...place, sample, payload: size, records: Number(most), for: time };
    const what = route === "" ? "all routes" : route;
    const said = how === "off" ? `${what}: not recorded for ${words}` : `${what}: recorded for ${words}`;
    if (await attempt(said, () => api.switchRecording(wish))) onClose();
    onChange();
  };
  return (
    <Dialog
      title="Recording"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Leave it as it is</Button>
          <WriteButton look="primary" refusal={refusal} onClick={() => void record()}>
            {how === "off" ? `Record nothing for ${words}` : `Record for ${words}`}
          </WriteButton>
        </>
      }
    >
      <SwitchList recording={recording} onChange={onChange} />
      <div class="record-fields">
        <SelectField
          label="Of (a route's own switch goes first)"
          value={route}
          options={[["", "all routes"], ...recording.routes.map(({ route: name }) => [name, name] as const)]}
          onChange={setRoute}
        />
        <div class="field">
          <span>Sessions</span>
          <div class="record-how">
            <Segmented label="Sessions" options={HOWS} current={how} onChange={setHow} />
            {how === "some" && (
              <label class="record-share">
                <input
                  class="input number"
                  inputMode="decimal"
                  aria-label="Percent of the sessions"
                  value={share}
                  onInput={(event) => setShare(event.currentTarget.value)}
                />
                %
              </label>
            )}
          </div>
        </div>
        <SelectField
          label="For, and then as the config says again"
          value={time}
          options={TIMES}
          onChange={setTime}
        />
        {how !== "off" && (
          <>
            <SelectField
              label="Of each payload"
              value={size}
              options={SIZES.map((each) => [each, each === "0B" ? "nothing" : `the first ${each}`] as const)}
              onChange={setSize}
            />
            <label class="field">
              <span>Or until so many records have come</span>
              <input
                class="input number"
                inputMode="numeric"
                placeholder="empty: by time alone"
                value={most}
                onInput={(event) => setMost(event.currentTarget.value)}
              />
            </label>
          </>
        )}
      </div>
      {refusal !== "" && <p class="refusal">{refusal}</p>}
      <p class="muted">
        {how === "off"
          ? "Nothing more is kept, of open sessions neither. What is recorded already stays."
          : "New sessions are recorded whole; those that are open from their next frame on, without what was before. Secrets are hidden as the config says, sinks get these records too."}
      </p>
    </Dialog>
  );
}
