import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { SessionView } from "../../../core/admin/api/api-schema.ts";
import { Ago, Button, Empty, Notice } from "../../parts/basics.tsx";
import { address, bytes, idleSpan, number, plural } from "../../parts/format.ts";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { useQuery } from "../../state/query.ts";

export function SessionList() {
  const { api, live } = useApp();
  const [query, change] = useQuery();
  const { route = "", client = "", attribute = "" } = query;
  const filter = { route, client, attribute, limit: "500" };
  const [loaded] = useLoaded(() => api.sessions(filter), [route, client, attribute], 2000);
  const [routes] = useLoaded(api.routes, [live.changes.routes.value]);
  const { value, error } = loaded.value;
  const isFiltered = route !== "" || client !== "" || attribute !== "";
  return (
    <>
      <header class="page-head">
        <h1>Sessions</h1>
        {value && <span class="muted number">{number(value.total)} open</span>}
      </header>
      <div class="filter-bar">
        <FilterField name="client" label="Client address" hint="203.0.113." value={client} change={change} />
        <FilterField name="attribute" label="Attribute" hint="user:ada" value={attribute} change={change} />
        <select
          class="filter-pick"
          aria-label="Filter by route"
          value={route}
          onChange={(event) => change({ route: event.currentTarget.value })}
        >
          <option value="">All routes</option>
          {routes.value.value?.routes.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        {isFiltered && (
          <Button
            look="quiet"
            onClick={() => change({ route: undefined, client: undefined, attribute: undefined })}
          >
            Clear
          </Button>
        )}
      </div>
      <div class="page-scroll surface">
        {error && (
          <div class="session-notice">
            <Notice tone="bad">The list is from before: {error.message}</Notice>
          </div>
        )}
        {value !== undefined && value.sessions.length === 0 ? (
          isFiltered ? (
            <Empty icon="filter" title="No open session fits the filter">
              An ended one is in the traffic: search for its id there.
            </Empty>
          ) : (
            <Empty
              icon="sessions"
              title="No session is open"
              actions={
                <a class="button primary" href="/test-client">
                  Open the test client
                </a>
              }
            >
              Connect a client, or let the test client open one.
            </Empty>
          )
        ) : (
          <SessionTable sessions={value?.sessions ?? []} />
        )}
        {value !== undefined && value.total > value.sessions.length && (
          <p class="muted session-notice">
            The newest {number(value.sessions.length)} of {plural(value.total, "session")}: narrow the filter
            to see others.
          </p>
        )}
      </div>
    </>
  );
}

function SessionTable({ sessions }: { readonly sessions: readonly SessionView[] }) {
  const { route: go } = useLocation();
  return (
    <table class="table session-table">
      <thead>
        <tr>
          <th>Session</th>
          <th>Route</th>
          <th class="optional">Path</th>
          <th>Client</th>
          <th class="optional">Attributes</th>
          <th class="right optional">Messages ↑ ↓</th>
          <th class="right optional">Bytes</th>
          <th class="right optional">Idle</th>
          <th class="right">Opened</th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => {
          const href = `/sessions/${encodeURIComponent(session.id)}`;
          return (
            <tr key={session.id} onClick={() => go(href)}>
              <td class="mono">
                <a href={href} onClick={(event) => event.stopPropagation()}>
                  {session.id}
                </a>
              </td>
              <td>{session.route}</td>
              <td class="mono optional">{session.path}</td>
              <td class="mono">{address(session.client)}</td>
              <td class="optional">
                <AttributeBadges attributes={session.attributes} />
              </td>
              <td class="right number optional">
                {number(session.messages.client)} <span class="muted">/</span>{" "}
                {number(session.messages.server)}
              </td>
              <td class="right number optional">
                <Waiting session={session} />
                {bytes(session.bytes.client + session.bytes.server)}
              </td>
              <td class="right number optional">{idleSpan(session.idleMs)}</td>
              <td class="right muted">
                <Ago time={session.startedAt} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Waiting({ session: { bufferedBytes } }: { readonly session: SessionView }) {
  const waiting = bufferedBytes.client + bufferedBytes.server;
  if (waiting === 0) return null;
  return (
    <span
      class="dot warn waiting-dot"
      title={`${bytes(waiting)} wait in the gateway for a side that is slow`}
    />
  );
}

export function AttributeBadges({ attributes }: { readonly attributes: SessionView["attributes"] }) {
  return Object.entries(attributes).map(([name, value]) => (
    <span key={name} class="badge attribute">
      {name} <b>{typeof value === "string" ? value : JSON.stringify(value)}</b>
    </span>
  ));
}

interface FilterFieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly change: (changes: Record<string, string>) => void;
}

function FilterField({ name, label, hint, value, change }: FilterFieldProps) {
  const [text, setText] = useState(value);
  return (
    <input
      class="input session-filter"
      aria-label={label}
      placeholder={`${label}, e.g. ${hint}`}
      value={value === "" && text !== "" ? text : value || text}
      onInput={(event) => {
        setText(event.currentTarget.value);
        change({ [name]: event.currentTarget.value });
      }}
    />
  );
}
