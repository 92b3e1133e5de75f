import type { ComponentChildren } from "preact";
import { Icon } from "../../parts/icon.tsx";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import type { Query } from "../../state/query.ts";
import type { Kind } from "../../state/row-list.ts";
import { FilterInput } from "./filter/filter-input.tsx";
import { FILTER_NAMES, HTTP_CHOICES, OPCODES, OUTCOMES, SENDERS, SPANS } from "./filters.ts";

interface FilterBarProps {
  readonly kinds: readonly Kind[];
  readonly query: Query;
  /** Records are of several machines. */
  readonly isOfFleet: boolean;
  /** Behind what filters. */
  readonly children?: ComponentChildren;
  readonly change: (changes: Record<string, string | undefined>) => void;
}

type Choice = readonly (readonly [string, string])[];

export function FilterBar({ kinds, query, isOfFleet, children, change }: FilterBarProps) {
  const { api, live } = useApp();
  const [routes] = useLoaded(api.routes, [live.changes.routes.value]);
  const [policies] = useLoaded(api.policies, [live.changes.policies.value]);
  const [fleet] = useLoaded(async () => (isOfFleet ? await api.fleet() : undefined), [isOfFleet]);
  const nodes = fleet.value.value?.nodes.map(({ node }) => node) ?? [];
  const isFrames = kinds.includes("frame");
  const same = (names: readonly string[]): Choice => names.map((name) => [name, name]);
  const fields: readonly (readonly [string, string, Choice])[] = [
    ...(isFrames
      ? ([
          ["origin", "From", SENDERS],
          ["opcode", "Type", OPCODES],
          ["outcome", "Outcome", same(OUTCOMES)],
        ] as const)
      : ([
          ["kind", "What", HTTP_CHOICES],
          [
            "status",
            "Status",
            same(["101", "200", "400", "401", "403", "404", "426", "429", "500", "502", "503", "504"]),
          ],
        ] as const)),
    ["route", "Route", same(routes.value.value?.routes.map(({ name }) => name) ?? [])],
    ...(nodes.length > 1 ? ([["node", "Machine", same(nodes)]] as const) : []),
    ["policy", "Policy", same(policies.value.value?.policies.map(({ name }) => name) ?? [])],
    ["within", "Time", SPANS.map(([name, text]) => [name, text] as const)],
  ];
  const choices = new Map(fields.map(([name, , choice]) => [name, choice]));
  const chips = Object.keys(FILTER_NAMES).filter((name) => query[name]);
  return (
    <div class="filter-bar">
      <FilterInput
        value={query.filter ?? ""}
        onChange={(filter) => change({ filter, sel: undefined })}
        isFrames={isFrames}
      />
      {chips.map((name) => (
        <span key={name} class="chip">
          <span>
            {FILTER_NAMES[name]}{" "}
            <b>{choices.get(name)?.find(([value]) => value === query[name])?.[1] ?? query[name]}</b>
          </span>
          <button
            type="button"
            aria-label={`Remove the filter ${FILTER_NAMES[name]} ${query[name]}`}
            onClick={() => change({ [name]: undefined })}
          >
            <Icon name="close" size={12} />
          </button>
        </span>
      ))}
      {fields
        .filter(([name]) => !query[name])
        .map(([name, label, choice]) => (
          <select
            key={name}
            class="filter-pick"
            aria-label={`Filter by ${label.toLowerCase()}`}
            value=""
            onChange={(event) => change({ [name]: event.currentTarget.value, sel: undefined })}
          >
            <option value="">{label}</option>
            {choice.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        ))}
      <span class="spread" />
      {children}
    </div>
  );
}
