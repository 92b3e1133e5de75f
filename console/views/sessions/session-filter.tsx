import { useState } from "preact/hooks";
import { Button } from "../../parts/basics.tsx";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import type { Query } from "../../state/query.ts";

/** What of the view's query says which sessions are meant, in the API's own words. */
const NAMES = ["client", "attribute", "policy", "subprotocol", "route", "older", "younger"] as const;

export function filterOfQuery(query: Query): Readonly<Record<string, string>> {
  return Object.fromEntries(NAMES.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));
}

const AGES: readonly (readonly [older: string, younger: string, text: string])[] = [
  ["", "1m", "Opened in the last minute"],
  ["", "5m", "Opened in the last 5 minutes"],
  ["", "1h", "Opened in the last hour"],
  ["5m", "", "Older than 5 minutes"],
  ["1h", "", "Older than an hour"],
  ["12h", "", "Older than 12 hours"],
  ["1d", "", "Older than a day"],
];

interface SessionFilterProps {
  readonly query: Query;
  readonly change: (changes: Record<string, string | undefined>) => void;
}

export function SessionFilterBar({ query, change }: SessionFilterProps) {
  const { api, live } = useApp();
  const [routes] = useLoaded(api.routes, [live.changes.routes.value]);
  const [policies] = useLoaded(api.policies, [live.changes.policies.value]);
  const { older = "", younger = "", route = "" } = query;
  const field = (name: string, label: string, hint: string) => (
    <FilterField name={name} label={label} hint={hint} value={query[name] ?? ""} change={change} />
  );
  return (
    <div class="filter-bar">
      {field("client", "Client", "10.0.0.0/8")}
      {field("attribute", "Attribute", "user=ada")}
      <FilterField
        name="policy"
        label="Policy"
        hint="guard@3f2a"
        value={query.policy ?? ""}
        change={change}
        choices={policies.value.value?.policies.map(({ name }) => name) ?? []}
      />
      {field("subprotocol", "Subprotocol", "graphql-ws")}
      <select
        class={`filter-pick${route === "" ? "" : " is-set"}`}
        aria-label="Filter by route"
        value={route}
        onChange={(event) => change({ route: event.currentTarget.value })}
      >
        <option value="">All routes</option>
        {[
          ...new Set([
            ...(routes.value.value?.routes.map(({ name }) => name) ?? []),
            ...(route ? [route] : []),
          ]),
        ].map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <select
        class={`filter-pick session-age${older + younger === "" ? "" : " is-set"}`}
        aria-label="Filter by age"
        value={`${older}/${younger}`}
        onChange={(event) => {
          const [older, younger] = event.currentTarget.value.split("/");
          change({ older, younger });
        }}
      >
        <option value="/">Any age</option>
        {AGES.map(([older, younger, text]) => (
          <option key={text} value={`${older}/${younger}`}>
            {text}
          </option>
        ))}
      </select>
      {Object.keys(filterOfQuery(query)).length > 0 && (
        <Button
          look="quiet"
          onClick={() => change(Object.fromEntries(NAMES.map((name) => [name, undefined])))}
        >
          Clear
        </Button>
      )}
    </div>
  );
}

interface FilterFieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly choices?: readonly string[];
  readonly change: (changes: Record<string, string>) => void;
}

function FilterField({ name, label, hint, value, choices, change }: FilterFieldProps) {
  // What is typed stands there at once; the URL, which may say something else before, follows.
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setText(value);
  }
  return (
    <>
      <input
        class="input session-filter"
        aria-label={label}
        placeholder={`${label}: ${hint}`}
        list={choices && `choices-${name}`}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          change({ [name]: event.currentTarget.value });
        }}
      />
      {choices && (
        <datalist id={`choices-${name}`}>
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
    </>
  );
}
