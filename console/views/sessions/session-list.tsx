import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { SessionView } from "../../../core/admin/api/api-schema.ts";
import { Ago, Badge, Button, Empty, Loading, Notice, WriteButton } from "../../parts/basics.tsx";
import { address, bytes, compact, idleSpan, number, plural } from "../../parts/format.ts";
import { UnansweredNotice } from "../../parts/unanswered.tsx";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { useQuery } from "../../state/query.ts";
import { SessionId } from "../traffic/columns/shared-columns.tsx";
import { filterOfQuery, SessionFilterBar } from "./session-filter.tsx";
import { SteerDialog } from "./steer-dialog.tsx";
import { RunningJobs } from "./steering-jobs.tsx";

const NEWEST = "These are the newest.";
const OLDEST = "These are the oldest.";

export function SessionList() {
  const { api } = useApp();
  const [query, change] = useQuery();
  const [isSteering, setSteering] = useState(false);
  const filter = filterOfQuery(query);
  const page = { ...filter, limit: "500", before: query.before ?? "" };
  const [loaded] = useLoaded(() => api.sessions(page), [JSON.stringify(page)], 2000);
  const { value, error } = loaded.value;
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <header class="page-head">
        <h1>Sessions</h1>
        {value && (
          <span class="muted number">
            {number(value.total)} {isFiltered ? (value.total === 1 ? "fits" : "fit") : "open"}
          </span>
        )}
        <span class="spread" />
        <WriteButton
          refusal={value === undefined || value.total === 0 ? "No session fits." : ""}
          onClick={() => setSteering(true)}
        >
          {isFiltered ? "With these…" : "With all…"}
        </WriteButton>
      </header>
      <SessionFilterBar query={query} change={(changes) => change({ ...changes, before: undefined })} />
      <RunningJobs />
      {isSteering && <SteerDialog filter={filter} onDone={() => setSteering(false)} />}
      <div class="page-scroll surface">
        {error && (
          <div class="session-notice">
            <Notice tone="bad">The list is from before: {error.message}</Notice>
          </div>
        )}
        {value && <UnansweredNotice unanswered={value.unanswered} />}
        {value === undefined ? (
          error === undefined && <Loading />
        ) : value.sessions.length === 0 ? (
          query.before ? (
            <Empty icon="sessions" title="Nothing older is open">
              Those of this page have ended; <b>Newest</b> shows what is open.
            </Empty>
          ) : isFiltered ? (
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
          <SessionTable sessions={value.sessions} />
        )}
        {value !== undefined && (value.next !== null || query.before) && (
          <footer class="session-notice session-pages">
            <span class="muted">
              {number(value.sessions.length)} of {plural(value.total, "session")}
            </span>
            <Button refusal={query.before ? "" : NEWEST} onClick={() => change({ before: undefined })}>
              Newest
            </Button>
            <Button
              refusal={value.next === null ? OLDEST : ""}
              onClick={() => change({ before: value.next ?? undefined })}
            >
              Older
            </Button>
          </footer>
        )}
      </div>
    </>
  );
}

function SessionTable({ sessions }: { readonly sessions: readonly SessionView[] }) {
  const { route: go } = useLocation();
  const isOfFleet = sessions.some(({ node }) => node !== "");
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
          {isOfFleet && <th class="machine">Machine</th>}
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => {
          const href = `/sessions/${encodeURIComponent(session.id)}`;
          return (
            <tr key={session.id} onClick={() => go(href)}>
              <td class="mono">
                <a title={session.id} href={href} onClick={(event) => event.stopPropagation()}>
                  <SessionId id={session.id} />
                </a>
              </td>
              <td title={session.route}>{session.route}</td>
              <td class="mono optional" title={session.path}>
                {session.path}
              </td>
              <td class="mono" title={address(session.client)}>
                {address(session.client)}
              </td>
              <td class="optional" title={attributeWords(session)}>
                {session.server === "" && <Badge tone="warn">waits for a server</Badge>}{" "}
                {session.held > 0 && <Badge tone="warn">{plural(session.held, "message")} held</Badge>}{" "}
                <AttributeBadges attributes={session.attributes} />
              </td>
              <td
                class="right number optional"
                title={`${number(session.messages.client)} / ${number(session.messages.server)}`}
              >
                {compact(session.messages.client)} <span class="muted">/</span>{" "}
                {compact(session.messages.server)}
              </td>
              <td class="right number optional">
                <Waiting session={session} />
                {bytes(session.bytes.client + session.bytes.server)}
              </td>
              <td class="right number optional">{idleSpan(session.idleMs)}</td>
              <td class="right muted">
                <Ago time={session.startedAt} />
              </td>
              {isOfFleet && (
                <td class="machine" title={session.node}>
                  {session.node}
                </td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Waiting({ session: { bufferedBytes, server } }: { readonly session: SessionView }) {
  const waiting = bufferedBytes.client + bufferedBytes.server;
  // Without a server it waits for one, and is said to.
  if (waiting === 0 || server === "") return null;
  return (
    <span
      class="dot warn waiting-dot"
      title={`${bytes(waiting)} wait in the gateway for a side that is slow`}
    />
  );
}

function attributeWords({ attributes }: SessionView): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}: ${shownValue(value)}`)
    .join(", ");
}

export function AttributeBadges({ attributes }: { readonly attributes: SessionView["attributes"] }) {
  return Object.entries(attributes).map(([name, value]) => (
    <span key={name} class="badge attribute">
      {name} <b>{shownValue(value)}</b>
    </span>
  ));
}

function shownValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
