import { useState } from "preact/hooks";
import type { SessionFacts, TrafficRecord } from "../../../core/traffic/records.ts";
import { Icon } from "../../parts/icon.tsx";
import { readStored, store } from "../../state/stored.ts";
import { type Fact, Facts } from "./facts.tsx";
import { FilterButtons } from "./filter/filter-buttons.tsx";

interface SessionFactsBoxProps {
  readonly record: TrafficRecord;
  readonly facts: SessionFacts | undefined;
}

const OPEN = "facts.open";

/** Whose a record is, and all that one can filter by: folded, a line. */
export function SessionFactsBox({ record, facts }: SessionFactsBoxProps) {
  const [isOpen, setOpen] = useState(() => readStored(OPEN, "") === "yes");
  const words = [facts?.subject, record.route, record.session].filter((word) => word);
  return (
    <div class="session-facts">
      <button
        type="button"
        class="session-facts-head"
        aria-expanded={isOpen}
        onClick={() => {
          setOpen(!isOpen);
          store(OPEN, isOpen ? "" : "yes");
        }}
      >
        <Icon name={isOpen ? "down" : "right"} size={12} />
        <span class="sr-only">Of this session: </span>
        <span class="session-facts-words">{words.join(" · ")}</span>
      </button>
      {isOpen && <Facts facts={factsToFilterBy(record, facts)} />}
    </div>
  );
}

function factsToFilterBy(record: TrafficRecord, facts: SessionFacts | undefined): readonly Fact[] {
  const steps = "steps" in record ? record.steps : record.policy === "" ? [] : [record];
  return [
    fact("Subject", "subject", facts?.subject),
    fact("Session", "session", record.session),
    fact("Route", "route", record.route),
    fact("Machine", "node", record.node),
    fact("Host", "host", facts?.host),
    fact("Client", "client", facts?.client.replace(/:\d+$/, "")),
    fact("Server", "server", facts?.server),
    fact("Subprotocol", "subprotocol", facts?.subprotocol),
    ...steps.map(({ policy, version }) => fact("Policy", "policy", `${policy}@${version.slice(0, 8)}`)),
    ...Object.entries(facts?.attributes ?? {}).map(([name, value]) =>
      fact(name, attributeField(name), typeof value === "string" ? value : JSON.stringify(value)),
    ),
  ];
}

function fact(name: string, field: string, value = ""): Fact {
  if (value === "") return [name, ""];
  return [
    name,
    <span class="fact-value">
      <span class="mono">{value}</span>
      <FilterButtons field={field} value={value} />
    </span>,
  ];
}

function attributeField(name: string): string {
  return `attribute.${/^[\w.-]+$/.test(name) ? name : JSON.stringify(name)}`;
}
