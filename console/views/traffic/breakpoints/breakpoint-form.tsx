import { useState } from "preact/hooks";
import { Segmented, WriteButton } from "../../../parts/basics.tsx";
import { useApp } from "../../../state/app.ts";

const SIDES = [
  ["", "Both sides"],
  ["client", "Client"],
  ["server", "Server"],
] as const;

type Side = (typeof SIDES)[number][0];

const HOLDS = [
  ["10s", "10 s"],
  ["30s", "30 s"],
  ["2m", "2 min"],
  ["10m", "10 min"],
] as const;

const LASTS = [
  ["15m", "15 min"],
  ["1h", "1 hour"],
  ["8h", "8 hours"],
  ["24h", "a day"],
] as const;

/** Sets a breakpoint. @param filter what the table shows now */
export function BreakpointForm({ filter: first }: { readonly filter: string }) {
  const { api, attempt, holds } = useApp();
  const [filter, setFilter] = useState(first);
  const [from, setFrom] = useState<Side>("");
  const [hold, setHold] = useState("30s");
  const [lasts, setLasts] = useState("1h");
  const set = async () => {
    const wish = { filter, hold, for: lasts, ...(from !== "" && { from }) };
    if (await attempt("The breakpoint is set", () => api.setBreakpoint(wish))) await holds.refresh();
  };
  return (
    <form
      class="breakpoint-form"
      onSubmit={(event) => {
        event.preventDefault();
        void set();
      }}
    >
      <input
        class="input mono breakpoint-filter"
        aria-label="Messages to hold, as a filter"
        placeholder='All messages, or a filter: route:chat "subscribe"'
        spellcheck={false}
        value={filter}
        onInput={(event) => setFilter(event.currentTarget.value)}
      />
      <Segmented label="Sent by" options={SIDES} current={from} onChange={setFrom} />
      <Choice label="Hold each for" options={HOLDS} value={hold} onChange={setHold} />
      <Choice label="Remove it after" options={LASTS} value={lasts} onChange={setLasts} />
      <WriteButton type="submit" look="primary" icon="plus">
        Set breakpoint
      </WriteButton>
    </form>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly options: readonly (readonly [string, string])[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Choice({ label, options, value, onChange }: ChoiceProps) {
  return (
    <label class="breakpoint-choice">
      <span class="muted">{label}</span>
      <select class="filter-pick" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
