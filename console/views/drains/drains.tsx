import { useState } from "preact/hooks";
import type { DrainsView } from "../../../core/admin/api/drains/drain-schema.ts";
import { Empty, Loading, Notice } from "../../parts/basics.tsx";
import { compact } from "../../parts/format.ts";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { link } from "../../state/query.ts";
import { DrainDialog } from "./drain-dialog.tsx";
import { type Place, stateOf } from "./drain-state.ts";
import { PlaceButton, StateCell } from "./place-parts.tsx";
import "./drains.css";

const NOTHING: DrainsView = { gateway: false, routes: [], servers: [], closing: [], waiting: [] };
/** A drain on its way is to be seen moving. */
const EVERY_MS = 2000;

/** What is out of service, on its way there, and what could be taken out: the gateway, its routes, and the servers behind them. */
export function Drains() {
  const { api, live } = useApp();
  const [asked, setAsked] = useState<Place | undefined>();
  const [drains, reload] = useLoaded(api.drains, [], EVERY_MS);
  const [routes] = useLoaded(api.routes, [live.changes.routes.value], EVERY_MS);
  const [upstreams] = useLoaded(api.upstreams, [live.changes.routes.value], EVERY_MS);
  const known = drains.value.value ?? NOTHING;
  const node = live.info.value?.node ?? "";
  const error = drains.value.error;

  const row = (place: Place, name: string, sessions: number | undefined) => {
    const state = stateOf(place, known);
    const isServer = place.kind === "upstream" && place.target !== undefined;
    return (
      <tr key={`${place.kind} ${name}`} class={isServer ? "drain-server" : undefined}>
        <td class={isServer ? "mono" : undefined}>{name}</td>
        <td>
          <StateCell state={state} />
        </td>
        <td class="right number">
          {place.kind === "route" ? (
            <a href={link("/sessions", { route: name })}>{compact(sessions ?? 0)}</a>
          ) : (
            compact(sessions ?? 0)
          )}
        </td>
        <td class="right">
          <PlaceButton place={place} state={state} onAsk={setAsked} onEnded={reload} />
        </td>
      </tr>
    );
  };

  const listed = routes.value.value?.routes ?? [];
  const all = listed.reduce((sum, { sessions }) => sum + sessions, 0);
  const servers = upstreams.value.value?.upstreams ?? [];
  const isAsking = [drains, routes, upstreams].some(
    ({ value: { value, error } }) => value === undefined && error === undefined,
  );
  return (
    <>
      <header class="page-head">
        <h1>Drains</h1>
        {node !== "" && <span class="muted">of {node} alone, not of the other machines</span>}
      </header>
      <div class="page-scroll" tabIndex={-1}>
        <div class="page-body">
          {error !== undefined && <Notice tone="bad">{error.message}</Notice>}
          {isAsking && <Loading />}
          {!isAsking && (
            <PlacesCard title="Gateway" first="What">
              {row({ kind: "gateway" }, "All routes", all)}
            </PlacesCard>
          )}
          {!isAsking && listed.length > 0 && (
            <PlacesCard title="Routes" first="Route">
              {listed.map(({ name, sessions }) => row({ kind: "route", name }, name, sessions))}
            </PlacesCard>
          )}
          {isAsking ? null : servers.length === 0 ? (
            <Empty icon="route" title="There are no upstreams">
              Routes of the config bring theirs: add one and save.
            </Empty>
          ) : (
            <PlacesCard title="Upstreams" first="Upstream, server">
              {servers.flatMap((upstream) => [
                row({ kind: "upstream", name: upstream.name }, upstream.name, upstream.sessions),
                ...(upstream.servers.length === 1 ? [] : upstream.servers).map(({ url, sessions }) =>
                  row({ kind: "upstream", name: upstream.name, target: url }, url, sessions),
                ),
              ])}
            </PlacesCard>
          )}
        </div>
      </div>
      {asked !== undefined && (
        <DrainDialog
          place={asked}
          onDone={() => {
            setAsked(undefined);
            reload();
          }}
        />
      )}
    </>
  );
}

interface PlacesCardProps {
  readonly title: string;
  /** What the first column has. */
  readonly first: string;
  readonly children: preact.ComponentChildren;
}

function PlacesCard({ title, first, children }: PlacesCardProps) {
  return (
    <section class="card">
      <header>
        <h2>{title}</h2>
      </header>
      <div class="table-scroll" role="region" aria-label={title} tabIndex={0}>
        <table class="table drain-table">
          <thead>
            <tr>
              <th>{first}</th>
              <th>State</th>
              <th class="right">Sessions</th>
              <th class="right">
                <span class="sr-only">What to do</span>
              </th>
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </div>
    </section>
  );
}
